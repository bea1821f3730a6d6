"""What an importer reads, in one form for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from challenges.bundle import BundleError
from challenges.faults import Fault
from challenges.importers.likeness import Look
from challenges.importers.splitting import Presence
from challenges.splits import Inputs, Labels
from challenges.task import ImageInput, Kind, TableInput

MOST_FAULTS = 100
BINS = 10
"""Ranges of a regression's values that every split should hold alike."""


class Origin(NamedTuple):
    """Where an example comes from: its file or row, and the group that the source says it is of."""

    name: str
    group: str = ""


@dataclass(frozen=True)
class Collected:
    """All examples of a source, in an order that depends on the source alone."""

    kind: Kind
    input: ImageInput | TableInput
    classes: list[str]
    inputs: Inputs
    labels: Labels
    presence: Presence
    origins: list[Origin]
    strata: list[str] = field(default_factory=list)
    """What `presence` counts, where that is not classes."""
    turns: NDArray[np.int64] | None = None
    """An example's turn, where not all of a group fits into a split: the lowest enter first."""
    looks: Look | None = None
    """Of pictures, what they look like from afar."""
    notes: list[str] = field(default_factory=list)
    """Sentences for the data card: how it was read."""


def refuse(faults: Sequence[Fault]) -> None:
    """Raise BundleError with the faults, if there are any; of very many only the first, and how many more."""
    if not faults:
        return
    shown = list(faults[:MOST_FAULTS])
    if more := len(faults) - len(shown):
        shown.append(Fault(file=f"... and {more} faults more", field="", found="", expected=""))
    raise BundleError(shown)


def of_classes(labels: NDArray[np.int64], classes: int) -> Presence:
    """One stratum a class, each example in one."""
    return np.eye(classes, dtype=np.int64)[labels]


def of_values(values: NDArray[np.float64]) -> Presence:
    """One stratum a tenth of the values, in their order."""
    ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return np.eye(BINS, dtype=np.int64)[ranks * BINS // max(1, len(values))]
