"""What is asked of a box and what comes back: the job, its outcome, and the two ways to fail."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from challenges.manifest import Limits
from challenges.task import Task
from scoring.job import VerdictCode
from scoring.sandbox.timing import Timing

Values = np.ndarray[Any, np.dtype[Any]]


class BoxFault(Exception):
    """A box could not be started or kept: ours, never the submission's."""


class Ended(Exception):
    """The run yields no predictions, by the submission's fault."""

    def __init__(self, code: VerdictCode, found: str, excerpt: str = "") -> None:
        super().__init__(found)
        self.code: VerdictCode = code
        self.found = found
        self.excerpt = excerpt


class ErrorBody(BaseModel):
    """What a box says of its failure. Any other code than those of our loaders is made up."""

    model_config = ConfigDict(extra="forbid")
    code: Literal[
        "unknown_format",
        "unreadable",
        "unsafe_file",
        "wrong_input",
        "bad_shape",
        "bad_type",
        "not_finite",
        "missing_ids",
        "unknown_ids",
        "duplicate_ids",
        "unknown_class",
        "over_budget",
        "too_large",
        "out_of_memory",
        "crashed",
    ]
    found: str = Field(max_length=8000)
    excerpt: str = Field(max_length=8000)


@dataclass
class Outcome:
    """What a job gave. `predictions` is [examples, *task.output_shape], empty after an inspection."""

    facts: bytes
    predictions: Values
    load_seconds: float
    predict_seconds: float
    peak_memory_bytes: int | None
    log: str
    timing: Timing | None = None
    timing_seconds: float = 0.0


@dataclass(frozen=True)
class Work:
    """A job for a box: the artefact alone to be inspected, or with inputs to be run."""

    artefact: bytes
    limits: Limits
    task: Task | None = None
    inputs: Values | None = None
    check: Callable[[bytes], object] = lambda facts: None
    """Hears the facts before anything else is received; what it raises ends the run."""
    extra: dict[str, Any] = field(default_factory=dict)
    """What the loader of this kind of box is told besides, as JSON."""
    timed: bool = False
    """Whether the model's latency on single examples is measured after its predictions are here."""


def printable(text: str) -> str:
    """`text` with every control, format and unassigned character but newline written as an escape."""

    def shown(character: str) -> str:
        plain = character == "\n" or not unicodedata.category(character).startswith("C")
        return character if plain else ascii(character)[1:-1]

    return "".join(shown(character) for character in text)
