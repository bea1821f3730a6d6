"""What a submission is asked, and what it answers: no label is in sight here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from challenges.manifest import Limits, Split
from challenges.splits import Ids, Inputs, LabelledSplit
from challenges.task import Task
from scoring.formats.peek import Peek
from scoring.job import Fact
from scoring.learned import LONGEST_KIND, LONGEST_NAME, Breakdown, Part
from scoring.sandbox.policy import BoxKind
from scoring.sandbox.timing import Timing
from scoring.sandbox.work import Outcome, Work, printable

Predictions = NDArray[Any]
"""Finite numbers, [examples, *task.output_shape] of task.output_dtype."""

Count = Annotated[int, Field(ge=0, lt=2**63)]
"""How many of something a box says there are: dimensions that a file only declares multiply beyond any number
that a page can show."""

OnRows = Callable[[float], None]
"""Hears the share of examples that have been predicted, 0..1."""


class Runner(Protocol):
    """Runs one job in a box of its own, as `Pool.run` does."""

    def __call__(self, kind: BoxKind, work: Work, on_rows: OnRows) -> Outcome:
        """Give the outcome, or raise `work.Ended`."""


@dataclass(frozen=True)
class Exam:
    """The questions: inputs and ids of each split, and the seed that shuffles them for a box."""

    task: Task
    limits: Limits
    inputs: Mapping[Split, Inputs]
    ids: Mapping[Split, Ids]
    seed: int
    rehearsal: bool = False
    """Whether the whole log is wanted, since nothing hidden is in sight."""
    train: LabelledSplit | None = None
    """The examples that a data challenge trains on, with the labels that teams know; else None."""


@dataclass(frozen=True)
class Inspection:
    """What a file says of itself: lines for a person, and the two numbers that count as cost."""

    facts: list[Fact] = field(default_factory=list)
    parameters: int | None = None
    macs: int | None = None
    breakdown: Breakdown | None = None
    """Where in the model these lie, once it has run."""


@dataclass(frozen=True)
class Answers:
    """Predictions by split in the order of its examples, and what it took to get them."""

    predictions: Mapping[Split, Predictions]
    inspection: Inspection
    load_seconds: float = 0.0
    predict_seconds: float = 0.0
    peak_memory_bytes: int | None = None
    log: str = ""
    timing: Timing | None = None
    timing_seconds: float = 0.0

    @property
    def examples(self) -> int:
        """How many examples were predicted."""
        return sum(len(found) for found in self.predictions.values())


class FormatModule(Protocol):
    """What a module of `scoring.formats` offers."""

    def detect(self, peek: Peek) -> bool:
        """Whether a file that looks so is of this format."""

    def inspect(self, artefact: Path, task: Task, limits: Limits, run: Runner) -> Inspection:
        """What the file is, without running it. Raises `Rejected`."""

    def answer(self, artefact: Path, exam: Exam, run: Runner, on_rows: OnRows) -> Answers:
        """The predictions for every example. Raises `Rejected`."""


def plain(found: Breakdown | None) -> Breakdown | None:
    """A breakdown whose names cannot disturb a page or a terminal."""
    if found is None:
        return None
    kinds, layers = (list(map(_plain, parts)) for parts in (found.kinds, found.layers))
    return found.model_copy(update={"kinds": kinds, "layers": layers})


def _plain(part: Part) -> Part:
    update = {"name": printable(part.name)[:LONGEST_NAME], "kind": printable(part.kind)[:LONGEST_KIND]}
    return part.model_copy(update=update)


def not_finite(predictions: Predictions) -> int:
    """How many examples have a prediction that is not finite."""
    if predictions.dtype.kind != "f":
        return 0
    return int((~np.isfinite(predictions)).reshape(len(predictions), -1).any(axis=1).sum())
