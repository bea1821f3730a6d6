"""The whole of scoring: artefact in, evaluation out. The same here as on a laptop.

What holds of the numbers: a model of this machine's processor kind gives the same digits for the
same split everywhere, since every batch has the same size, one thread is the default, and each
example's scores depend on it alone. Processors with other vector units may differ in the last bits
of a score; metrics of labels then differ only where two classes are tied to the last bits, and log
loss differs by about the seventh digit.
"""

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
from scoring.job import (
    Cost,
    Evaluation,
    Fact,
    InspectJob,
    Outcomes,
    Passport,
    ScoreJob,
    SplitScore,
    Stage,
    Verdict,
)
from scoring.kinds.registry import KINDS
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
) -> Evaluation:
    """Score an artefact on `splits`. Never raises: what goes wrong is a verdict, with its fault."""
    found = unscored(job, worker)
    try:
        started = time.monotonic()
        answers = _answers(job, artefact, splits, run, report)
        answered = time.monotonic()
        report("scoring", 0.0)
        found_scores, outcomes = _scored(job, answers, splits, run)
        stages = _stages(answers, answered - started, time.monotonic() - answered)
        update = {
            "scores": found_scores,
            "outcomes": outcomes,
            "cost": _cost(artefact, answers),
            "stages": stages,
        }
        return found.model_copy(update={**update, "log_excerpt": answers.log})
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
    job: ScoreJob, artefact: Path, splits: Mapping[Split, LabelledSplit], run: Runner, report: Report
) -> Answers:
    """What the submission answers to the inputs. Labels stay behind."""
    report("preparing", 0.0)
    check_size(artefact.stat().st_size, job.limits)
    inputs = {split: found.inputs for split, found in splits.items()}
    ids = {split: found.ids for split, found in splits.items()}
    exam = Exam(job.task, job.limits, inputs, ids, job.seed, job.rehearsal)
    return registry.FORMATS[job.format].answer(artefact, exam, run, lambda share: report("predicting", share))


def _scored(
    job: ScoreJob, answers: Answers, splits: Mapping[Split, LabelledSplit], run: Runner
) -> tuple[list[SplitScore], list[Outcomes]]:
    """Predictions beside the ground truth: scores and outcomes of each split that was answered."""
    kind = KINDS[job.task.kind]
    prepared = {split: kind.prepared(found, job.task) for split, found in answers.predictions.items()}
    found = [scores.of_split(s, splits[s].labels, p, job.task, run) for s, p in prepared.items()]
    return found, [kind.outcomes(s, splits[s].labels, p, job.task) for s, p in prepared.items()]


def _cost(artefact: Path, answers: Answers) -> Cost:
    return cost.of_run(artefact.stat().st_size, answers)


def _stages(answers: Answers, answering: float, metric: float) -> dict[str, float]:
    """Seconds by stage; what answering took beyond loading and predicting is the sandbox's."""
    load, predict = answers.load_seconds, answers.predict_seconds
    return {"sandbox": answering - load - predict, "load": load, "predict": predict, "metric": metric}


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
        facts = [Fact(name="Size", value=f"{size:,} bytes"), *found.facts]
        known = {"facts": facts, "cost": cost.of_file(size, found)}
    except Rejected as rejected:
        known = {"verdict": rejected.verdict}
    except Exception:
        logger.exception("attempt %s could not be inspected", job.attempt)
        known = {"verdict": PLATFORM_FAULT}
    seconds = time.monotonic() - started
    return Passport(attempt=job.attempt, format=format_, seconds=seconds).model_copy(update=known)
