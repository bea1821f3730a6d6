"""What a submission is asked, and what it answers: no label is in sight here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from challenges.manifest import Limits, Split, Task
from challenges.splits import Ids, Inputs
from scoring.job import Fact
from scoring.sandbox.box import Outcome, Work
from scoring.sandbox.policy import BoxKind

Scores = NDArray[np.float32]
"""Finite scores, [examples, classes]."""

OnRows = Callable[[float], None]
"""Hears the share of examples that have been predicted, 0..1."""


class Runner(Protocol):
    """Runs one job in a box of its own, as `Pool.run` does."""

    def __call__(self, kind: BoxKind, work: Work, on_rows: OnRows) -> Outcome:
        """Give the outcome, or raise `box.Ended`."""


@dataclass(frozen=True)
class Exam:
    """The questions: inputs and ids of each split, and the seed that shuffles them for a box."""

    task: Task
    limits: Limits
    inputs: Mapping[Split, Inputs]
    ids: Mapping[Split, Ids]
    seed: int


@dataclass(frozen=True)
class Inspection:
    """What a file says of itself: lines for a person, and the two numbers that count as cost."""

    facts: list[Fact] = field(default_factory=list)
    parameters: int | None = None
    macs: int | None = None


@dataclass(frozen=True)
class Answers:
    """Scores by split in the order of its examples, and what it took to get them."""

    scores: Mapping[Split, Scores]
    inspection: Inspection
    load_seconds: float = 0.0
    predict_seconds: float = 0.0
    peak_memory_bytes: int | None = None
    log: str = ""

    @property
    def examples(self) -> int:
        """How many examples were predicted."""
        return sum(len(scores) for scores in self.scores.values())


class FormatModule(Protocol):
    """What a module of `scoring.formats` offers."""

    def detect(self, head: bytes) -> bool:
        """Whether a file that begins so is of this format."""

    def inspect(self, artefact: Path, task: Task, limits: Limits, run: Runner) -> Inspection:
        """What the file is, without running it. Raises `Rejected`."""

    def answer(self, artefact: Path, exam: Exam, run: Runner, on_rows: OnRows) -> Answers:
        """The scores for every example. Raises `Rejected`."""


def rows_not_finite(scores: NDArray[Any]) -> int:
    """How many rows hold a number that is not finite."""
    return int((~np.isfinite(scores)).any(axis=1).sum())
