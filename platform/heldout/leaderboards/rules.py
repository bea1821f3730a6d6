"""Pure questions about boards: who is best, who comes before whom."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

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


Order = Literal["earlier", "cheaper", "signed_off"]


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
    """A team's best score on a challenge, when it was handed in, and what orders it among tied teams."""

    team: int
    score: float
    achieved_at: datetime
    cost: float | None = None
    sign_offs: int = 0


@dataclass(frozen=True)
class Ranked:
    """An entry with its rank. `tied`: other teams share it."""

    rank: int
    entry: Entry
    tied: bool = False


Tied = Callable[[int, int], bool]
"""Whether the second team is not significantly different from the first, the best of its band."""


def rank(
    standings: Iterable[Entry], *, higher_is_better: bool, tied: Tied | None = None, order: Order = "earlier"
) -> list[Ranked]:
    """Put entries in bands of tied teams and number these as in sports: 1, 2, 2, 4.

    From the best score down, a team joins the band if it is `tied` with the band's best, else it begins
    the next band and is its best. Being tied is not transitive, so only the best of a band is asked.
    Within a band `order` decides, and nothing else. Without `tied` only equal scores are. A score that
    is not a finite number has no place on a board.
    """
    sign = -1 if higher_is_better else 1
    finite = [entry for entry in standings if math.isfinite(entry.score)]
    finite.sort(key=lambda entry: (sign * entry.score, entry.achieved_at, entry.team))
    bands: list[list[Entry]] = []
    for entry in finite:
        if bands and _joins(bands[-1][0], entry, tied):
            bands[-1].append(entry)
        else:
            bands.append([entry])
    ranked: list[Ranked] = []
    for band in bands:
        first = len(ranked) + 1
        ranked += [Ranked(first, entry, len(band) > 1) for entry in sorted(band, key=_within(order))]
    return ranked


def _joins(best: Entry, entry: Entry, tied: Tied | None) -> bool:
    return best.score == entry.score or (tied is not None and tied(best.team, entry.team))


def _within(order: Order) -> Callable[[Entry], tuple[float, datetime, int]]:
    """What puts tied teams in order: a cost that is not known comes last."""
    first: Callable[[Entry], float] = {
        "earlier": lambda entry: 0.0,
        "cheaper": lambda entry: math.inf if entry.cost is None else entry.cost,
        "signed_off": lambda entry: -float(entry.sign_offs),
    }[order]
    return lambda entry: (first(entry), entry.achieved_at, entry.team)


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
