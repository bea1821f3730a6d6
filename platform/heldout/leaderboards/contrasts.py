"""Validation examples that one of two submissions answered better, with what each of them said."""

import base64
import math
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from challenges.task import Task
from heldout.leaderboards import ties
from heldout.submissions.models import Outcomes
from scoring.learned import Case, Insight

MOST = 12


@dataclass(frozen=True)
class Contrast:
    """An example that one answered better. What each said is None where only its outcome is known."""

    case: Case
    first: float
    second: float
    first_said: str
    second_said: str


@dataclass(frozen=True)
class Said:
    """What one run answered to each validation example, where that is kept: of classes."""

    classes: list[str]
    predicted: Sequence[int]
    confidence: Sequence[float]

    @classmethod
    def of(cls, kept: Outcomes | None, task: Task) -> "Said":
        """What is kept of the validation split."""
        if kept is None or task.kind != "classification":
            return cls([], [], [])
        predicted = [int(number) for number in _numbers(kept.predicted, kept.count, "i")]
        return cls(task.classes, predicted, _numbers(kept.confidence, kept.count, "f"))

    def about(self, row: int) -> str:
        """The class that was named for an example, and how sure that was; empty where it is not kept."""
        if not (row < len(self.predicted) and 0 <= self.predicted[row] < len(self.classes)):
            return ""
        name = self.classes[self.predicted[row]]
        sure = self.confidence[row] if row < len(self.confidence) else math.nan
        return name if math.isnan(sure) else f"{name}, {100 * sure:.0f} %"


def _numbers(packed: str, count: int, kind: str) -> Sequence[float]:
    """Numbers as `scoring.job.Outcomes` packs them; none where they are not as many as said."""
    try:
        raw = zlib.decompressobj().decompress(base64.b64decode(packed, validate=True), ties.LARGEST)
        return struct.unpack(f"<{count}{kind}", raw)
    except (ValueError, zlib.error, struct.error):
        return []


def contrasts(
    insights: tuple[Insight, Insight],
    values: tuple[list[float], list[float]],
    sides: Sequence[Said],
) -> tuple[list[Contrast], list[Contrast]]:
    """Examples that the first answered better than the second, and the other way round.

    They are chosen among those that the one who is worse has pictures of: its own worst answers.
    """
    first, second = values

    def contrast(case: Case, row: int) -> Contrast:
        return Contrast(case, first[row], second[row], sides[0].about(row), sides[1].about(row))

    def chosen(cases: Iterable[Case], sign: int) -> list[Contrast]:
        rows = [(case, case.row) for case in cases if case.row is not None and case.row < len(first)]
        found = [contrast(case, row) for case, row in rows if sign * (first[row] - second[row]) > 0]
        return sorted(found, key=lambda each: -abs(each.first - each.second))[:MOST]

    return chosen(_told(insights[1]), 1), chosen(_told(insights[0]), -1)


def _told(insight: Insight) -> list[Case]:
    return [*insight.mistakes, *insight.further]
