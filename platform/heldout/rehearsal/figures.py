"""The figures of a rehearsal, worked out once for the last line, the report and the docs."""

import math
import os
import platform
from collections import defaultdict
from dataclasses import dataclass

from heldout.rehearsal.audit import Verdict
from heldout.rehearsal.ledger import Accepted
from heldout.rehearsal.play import Played
from heldout.rehearsal.sizes import Sizes


@dataclass(frozen=True)
class OfFormat:
    """What became of one kind of file."""

    name: str
    count: int
    p50: float
    p99: float


@dataclass(frozen=True)
class Figures:
    """What was measured."""

    sizes: Sizes
    played: Played
    verdict: Verdict
    database: str
    load: tuple[float, float, float]
    restarts: dict[str, int]
    spans: list[float]
    """Seconds from being accepted to the end, of every submission, the shortest first."""
    formats: list[OfFormat]

    @property
    def p50(self) -> float:
        """The median of the spans."""
        return quantile(self.spans, 0.50)

    @property
    def p99(self) -> float:
        """What one of a hundred takes longer than."""
        return quantile(self.spans, 0.99)

    @property
    def per_second(self) -> float:
        """Submissions that came to their end in a second, over the whole event."""
        return self.played.ledger.ended / self.played.seconds if self.played.seconds else 0.0

    @property
    def machine(self) -> str:
        """Where it was measured."""
        cores = os.cpu_count() or 1
        return f"{cores} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def quantile(ordered: list[float], share: float) -> float:
    """The value below which `share` of them lie, by the nearest rank; 0 of none."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered), max(1, math.ceil(share * len(ordered)))) - 1]


def spans_of(taken: list[Accepted]) -> list[float]:
    """Seconds from being accepted to the end, the shortest first."""
    return sorted(one.ended - one.at for one in taken if one.ended is not None)


def by_format(taken: list[Accepted]) -> list[OfFormat]:
    """What became of each kind of file, the most frequent first."""
    groups: dict[str, list[Accepted]] = defaultdict(list)
    for one in taken:
        groups[one.format].append(one)
    rows = []
    for name, group in groups.items():
        spans = spans_of(group)
        rows.append(OfFormat(name, len(group), quantile(spans, 0.5), quantile(spans, 0.99)))
    return sorted(rows, key=lambda row: -row.count)
