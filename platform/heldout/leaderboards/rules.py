"""Pure questions about boards: who is best, who comes before whom."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from heldout.events.models import Event
from heldout.events.rules import Viewer, is_organizer
from heldout.leaderboards.models import BoardRules
from heldout.submissions.rules import digits, passes, score_text, visible_splits

__all__ = [
    "Entry",
    "Ranked",
    "axis",
    "digits",
    "is_frozen",
    "passes",
    "rank",
    "rules_of",
    "score_text",
    "sees_frozen",
    "visible_splits",
]


def rules_of(event: Event) -> BoardRules:
    """How the event's boards freeze and end."""
    return BoardRules.objects.filter(event=event).first() or BoardRules(event=event)


def is_frozen(rules: BoardRules, now: datetime) -> bool:
    """Whether the boards stand still for others: from the freeze until the final boards are published."""
    return rules.freezes_at is not None and now >= rules.freezes_at and rules.published_at is None


def sees_frozen(viewer: Viewer, rules: BoardRules, now: datetime) -> bool:
    """Whether `viewer` sees the boards as they stood at the freeze. The one place that decides it."""
    return is_frozen(rules, now) and not is_organizer(viewer, rules.event)


FAR_OUT = 3
SQUEEZED = 10


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


def axis(values: Sequence[float], pass_score: float) -> tuple[float, float]:
    """The ends of a board's axis: all values and the pass line, with a twentieth to spare on both sides.

    Where a few values would squeeze the others into a tenth of the axis, as an error of a million
    does, they are left out, and drawn at its end. Far out is beyond three times the interquartile
    range (Tukey, Exploratory Data Analysis, 1977).
    """
    finite = sorted(value for value in (*values, pass_score) if math.isfinite(value))
    near = [value for value in _without_far_out(finite) if value != pass_score] + [pass_score]
    low, high = min(near), max(near)
    if finite[-1] - finite[0] <= SQUEEZED * (high - low):
        low, high = finite[0], finite[-1]
    spare = (high - low or abs(pass_score) or 1.0) / 20
    return (low - spare, high + spare)


def _without_far_out(ordered: Sequence[float]) -> list[float]:
    quarter = len(ordered) // 4
    lower, upper = ordered[quarter], ordered[-1 - quarter]
    reach = FAR_OUT * (upper - lower)
    return [value for value in ordered if lower - reach <= value <= upper + reach]
