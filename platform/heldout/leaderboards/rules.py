"""Pure questions about boards: who is best, who comes before whom."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from heldout.submissions.rules import digits, score_text, visible_splits

__all__ = ["Entry", "Ranked", "axis", "digits", "passes", "rank", "score_text", "visible_splits"]


@dataclass(frozen=True)
class Entry:
    """A team's best score on a challenge, and when it was handed in."""

    team: int
    score: float
    achieved_at: datetime


@dataclass(frozen=True)
class Ranked:
    """An entry with its rank."""

    rank: int
    entry: Entry


def rank(standings: Iterable[Entry], *, higher_is_better: bool) -> list[Ranked]:
    """Put entries in order and number them as in sports: 1, 2, 2, 4.

    Equal scores share a rank and the next one is left out; among equals the earlier comes first in
    the list, then the older team. A score that is not a finite number has no place on a board.
    """
    sign = -1 if higher_is_better else 1
    finite = [entry for entry in standings if math.isfinite(entry.score)]
    finite.sort(key=lambda entry: (sign * entry.score, entry.achieved_at, entry.team))
    ranked: list[Ranked] = []
    for index, entry in enumerate(finite):
        tied = bool(ranked) and ranked[-1].entry.score == entry.score
        ranked.append(Ranked(ranked[-1].rank if tied else index + 1, entry))
    return ranked


def passes(score: float, pass_score: float, *, higher_is_better: bool) -> bool:
    """Whether a score is good enough to pass the challenge; the pass score itself is."""
    return score >= pass_score if higher_is_better else score <= pass_score


def axis(values: Sequence[float]) -> tuple[float, float]:
    """The ends of a board's axis: all values, with a twentieth of their range to spare on both sides."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return (0.0, 1.0)
    low, high = min(finite), max(finite)
    spare = (high - low or 1.0) / 20
    return (low - spare, high + spare)
