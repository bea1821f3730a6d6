"""How long a model takes for one example, beside how long the reference takes in the same box.

The parent alone holds the clock: it asks the box to run one or the other so often, and measures until
the tick. Both are asked in turn, a few milliseconds at a time, so that a machine whose speed changes does
so for both; and of each the least disturbed turn counts, since other work can only add time.
"""

import math
import time
from collections.abc import Callable
from typing import NamedTuple

from scoring.sandbox.inside import frames

BUDGET_SECONDS = 0.05
FEWEST_TURNS = 3
"""Turns that a model gets even if it is so slow that they take longer than the budget."""
MOST_TURNS = 12
TURN_SECONDS = 0.002
"""A turn lasts at least about so long, since a request and its tick take some 0.1 ms themselves."""
MOST_TIMES = 200
PATIENCE_SECONDS = 5.0
"""For all of it. A box that stalls costs no more, and what was measured by then counts."""

Ask = Callable[[bytes, int], float | None]
"""Seconds that a box takes to run `MODEL` or `REFERENCE` so many times, or None when it fails to."""


class Timing(NamedTuple):
    """Seconds of one run each, in the same box within the same moments."""

    alone_seconds: float
    reference_seconds: float


def measure(ask: Ask) -> Timing | None:
    """Both times, by a few turns of each; None when the box does not take part to the end of one."""
    started = time.monotonic()
    best = {frames.MODEL: math.inf, frames.REFERENCE: math.inf}
    for turn in range(MOST_TURNS):
        if turn >= FEWEST_TURNS and time.monotonic() - started > BUDGET_SECONDS:
            break
        for subject, so_far in best.items():
            times = _times(so_far)
            seconds = ask(subject, times)
            if seconds is None:
                return _timing(best)
            best[subject] = min(so_far, seconds / times)
    return _timing(best)


def _times(best: float) -> int:
    """Runs of the next turn, for something that took so long at best, or was not run yet."""
    return max(1, min(MOST_TIMES, math.ceil(TURN_SECONDS / best))) if best > 0 else MOST_TIMES


def _timing(best: dict[bytes, float]) -> Timing | None:
    found = Timing(best[frames.MODEL], best[frames.REFERENCE])
    return found if min(found) > 0 and max(found) < math.inf else None
