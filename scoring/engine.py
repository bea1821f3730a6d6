"""The whole of scoring: artefact in, evaluation out. The same here as on a laptop.

What holds of the numbers: a model of this machine's processor kind gives the same digits for the
same split everywhere, since every batch has the same size, one thread is the default, and each
example's scores depend on it alone. Processors with other vector units may differ in the last bits
of a score; metrics of labels then differ only where two classes are tied to the last bits, and log
loss differs by about the seventh digit.
"""

import itertools
import logging
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

from challenges.manifest import Format, Split
from challenges.splits import LabelledSplit
from scoring import cost, scores
from scoring.formats import registry
from scoring.formats.exam import Answers, Exam, Runner
from scoring.formats.peek import peek
from scoring.insight import changes
from scoring.insight import report as insights
from scoring.insight.report import Answered
from scoring.job import Evaluation, Fact, InspectJob, Passport, ScoreJob, SplitScore, Stage, Verdict
from scoring.kinds.registry import KINDS
from scoring.learned import Insight
from scoring.verdicts import PLATFORM_FAULT, Rejected, check_size

logger = logging.getLogger(__name__)

Report = Callable[[Stage, float], None]
"""Hears the stage and the share of it that is done, 0..1."""

ENGINE = f"heldout {version('heldout')}"


def evaluate(
    job: ScoreJob,
    artefact: Path,
    splits: Mapping[Split, LabelledSplit],
    run: Runner,
    report: Report,
    worker: str,
    train: LabelledSplit | None = None,
) -> Evaluation:
    """Score an artefact on `splits`. Never raises: what goes wrong is a verdict, with its fault.

    `train` is what a data challenge trains on, and None for every other.
    """
    found = unscored(job, worker)
    try:
        asked = {s: split for s, split in splits.items() if s == "validation" or not job.rehearsal}
        times = [time.monotonic()]
        answers = _answers(job, artefact, asked, run, report, train)
        times.append(time.monotonic())
        report("scoring", 0.0)
        answered = _answered(job, answers, asked)
        scored = [_score(name, split, job, run) for name, split in answered.items()]
        times.append(time.monotonic())
        insight = _insight(job, artefact, answered, answers, train)
        times.append(time.monotonic())
        update = {
            "scores": scored,
            "outcomes": [split.outcomes for split in answered.values()],
            "cost": cost.of_run(artefact.stat().st_size, answers, job.task),
            "insight": insight,
            "stages": _stages(answers, times),
            "log_excerpt": answers.log,
        }
        return found.model_copy(update=update)
    except Rejected as rejected:
        return found.model_copy(update={"verdict": rejected.verdict, "log_excerpt": rejected.verdict.excerpt})
    except Exception:
        logger.exception("attempt %s could not be scored", job.attempt)
        return found.model_copy(update={"verdict": PLATFORM_FAULT})


def unscored(job: ScoreJob, worker: str, verdict: Verdict | None = None) -> Evaluation:
    """An evaluation without scores."""
    return Evaluation(
        attempt=job.attempt,
        artefact=job.artefact,
        bundle=job.bundle,
        engine=ENGINE,
        worker=worker,
        verdict=verdict,
    )


def _answers(
    job: ScoreJob,
    artefact: Path,
    splits: Mapping[Split, LabelledSplit],
    run: Runner,
    report: Report,
    train: LabelledSplit | None,
) -> Answers:
    """What the submission answers to the inputs. The labels of `splits` stay behind."""
    report("preparing", 0.0)
    check_size(artefact.stat().st_size, job.limits)
    inputs = {split: found.inputs for split, found in splits.items()}
    ids = {split: found.ids for split, found in splits.items()}
    exam = Exam(job.task, job.limits, inputs, ids, job.seed, job.rehearsal, train)
    return registry.FORMATS[job.format].answer(artefact, exam, run, lambda share: report("predicting", share))


def _answered(
    job: ScoreJob, answers: Answers, splits: Mapping[Split, LabelledSplit]
) -> dict[Split, Answered]:
    """Predictions beside the ground truth, for each split that was answered."""
    kind, found = KINDS[job.task.kind], {}
    for name, raw in answers.predictions.items():
        predictions = kind.prepared(raw, job.task)
        outcomes = kind.outcomes(name, splits[name].labels, predictions, job.task)
        found[name] = Answered(splits[name], predictions, outcomes)
    return found


def _score(name: Split, answered: Answered, job: ScoreJob, run: Runner) -> SplitScore:
    return scores.of_split(name, answered.split.labels, answered.predictions, job.task, run)


def _insight(
    job: ScoreJob,
    artefact: Path,
    answered: Mapping[Split, Answered],
    answers: Answers,
    train: LabelledSplit | None,
) -> Insight | None:
    """What there is to learn. A score is not lost over it."""
    try:
        found = insights.make(answered, job.task, answers.inspection.breakdown)
        if found is None or train is None:
            return found
        return found.model_copy(update={"changes": changes.of_file(artefact, train, job.task)})
    except Exception:
        logger.exception("attempt %s gave no insight", job.attempt)
        return None


def _stages(answers: Answers, times: list[float]) -> dict[str, float]:
    """Seconds by stage; what answering took beyond loading, predicting and timing is the sandbox's."""
    load, predict, timing = answers.load_seconds, answers.predict_seconds, answers.timing_seconds
    answering, metric, insight = (after - before for before, after in itertools.pairwise(times))
    sandbox = answering - load - predict - timing
    inside = {"sandbox": sandbox, "load": load, "predict": predict, "timing": timing}
    return {**inside, "metric": metric, "insight": insight}


def inspect(job: InspectJob, artefact: Path, run: Runner) -> Passport:
    """Say what an artefact is and whether it fits, without running it. Never raises."""
    started = time.monotonic()
    format_: Format | None = None
    try:
        seen = peek(artefact)
        size = artefact.stat().st_size
        format_ = registry.detect(seen)
        check_size(size, job.limits)
        format_ = registry.identify(seen, job.formats)
        found = registry.FORMATS[format_].inspect(artefact, job.task, job.limits, run)
        cost.check_budget(found, job.limits)
        facts = [Fact(name="Size", value=f"{size:,} bytes"), *found.facts]
        known = {"facts": facts, "cost": cost.of_file(size, found, job.task)}
    except Rejected as rejected:
        known = {"verdict": rejected.verdict}
    except Exception:
        logger.exception("attempt %s could not be inspected", job.attempt)
        known = {"verdict": PLATFORM_FAULT}
    seconds = time.monotonic() - started
    return Passport(attempt=job.attempt, format=format_, seconds=seconds).model_copy(update=known)
