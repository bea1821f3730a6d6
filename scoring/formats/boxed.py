"""What the formats that run in a box share: the model runs in a box, on shuffled inputs, in one go."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from challenges.manifest import Limits, Split
from challenges.task import Task
from scoring.cost import check_budget
from scoring.formats.exam import Answers, Exam, Inspection, OnRows, Predictions, Runner, not_finite
from scoring.sandbox.policy import BoxKind
from scoring.sandbox.work import Ended, Outcome, Work
from scoring.verdicts import EXPECTED, FIXES, Rejected, explained

INSPECT_SECONDS = 15.0
"""A passport is for somebody who waits: a file that takes longer to read is refused."""


def facts(kind: BoxKind, artefact: Path, task: Task, limits: Limits, run: Runner) -> bytes:
    """JSON of what a box found in the file, within seconds. Raises `Rejected`."""
    seconds = min(limits.wall_seconds, INSPECT_SECONDS)
    quick = limits.model_copy(update={"wall_seconds": seconds})
    try:
        return run(kind, Work(artefact.read_bytes(), quick), lambda share: None).facts
    except Ended as ended:
        raise explained(ended, task, quick) from ended


def answer(
    kind: BoxKind,
    artefact: Path,
    exam: Exam,
    run: Runner,
    on_rows: OnRows,
    checked: Callable[[bytes], Inspection],
) -> Answers:
    """Run the model on all splits as one shuffled block; answers come back in the exam's order.

    The shuffle, another one for each attempt, keeps a model from telling splits apart by place.
    `checked` judges the file by its facts before the model runs. Raises `Rejected`.
    """
    return answer_bytes(kind, artefact.read_bytes(), {}, exam, run, on_rows, checked)


def answer_bytes(
    kind: BoxKind,
    content: bytes,
    extra: dict[str, Any],
    exam: Exam,
    run: Runner,
    on_rows: OnRows,
    checked: Callable[[bytes], Inspection],
) -> Answers:
    """As `answer`, of bytes that need not be a file, with what the loader is told besides."""
    block = np.concatenate(list(exam.inputs.values()))
    order = np.random.default_rng(exam.seed).permutation(len(block))

    def judged(facts: bytes) -> Inspection:
        inspection = checked(facts)
        check_budget(inspection, exam.limits)
        return inspection

    work = Work(content, exam.limits, exam.task, block[order], judged, extra, timed=True)
    try:
        found = run(kind, work, on_rows)
    except Ended as ended:
        raise explained(ended, exam.task, exam.limits) from ended
    predictions = np.empty_like(found.predictions)
    predictions[order] = found.predictions
    return _answers(found, predictions, exam, checked(found.facts))


def _answers(found: Outcome, predictions: Predictions, exam: Exam, inspection: Inspection) -> Answers:
    bad = not_finite(predictions)
    if bad:
        text = f"{bad:,} of {len(predictions):,} examples with NaN or infinity"
        raise Rejected("not_finite", text, EXPECTED["not_finite"], FIXES["not_finite"])
    return Answers(
        predictions=_by_split(predictions, exam),
        inspection=inspection,
        load_seconds=found.load_seconds,
        predict_seconds=found.predict_seconds,
        peak_memory_bytes=found.peak_memory_bytes,
        log=found.log,
        timing=found.timing,
        timing_seconds=found.timing_seconds,
    )


def _by_split(predictions: Predictions, exam: Exam) -> dict[Split, Predictions]:
    ends = np.cumsum([len(inputs) for inputs in exam.inputs.values()])
    return dict(zip(exam.inputs, np.split(predictions, ends[:-1]), strict=True))
