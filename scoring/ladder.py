"""The Ladder: a board that can be asked many times without giving the split away.

Blum and Hardt, The Ladder: A Reliable Leaderboard for Machine Learning Competitions, ICML 2015: what is
shown moves only when a submission is better than the team's best by more than chance would explain.
"""

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np

from scoring.statistics import Floats


@dataclass(frozen=True, eq=False)
class Ladder:
    """What one team has been shown so far, and the losses of the submission that earned it.

    `released` is a mean loss, infinite before the first submission. `leader` is [examples], read-only.
    """

    released: float = inf
    leader: Floats | None = None


def climbed(ladder: Ladder, losses: Floats) -> Ladder:
    """The ladder after a submission with these per-example losses [examples], lower is better.

    The parameter-free rule (section 4 of the paper): a new loss is released when it is below the last
    one by more than the standard error of the difference from its submission; for a first submission,
    which is always shown, there is none to differ from. What is released is rounded to 1/examples, so
    it tells no more than how many examples are answered. Raises ValueError for losses that are not
    finite, too few, or not of the same examples.
    """
    _check(ladder, losses)
    mean, count = float(losses.mean()), len(losses)
    reference = losses if ladder.leader is None else losses - ladder.leader
    step = float(reference.std(ddof=1)) / sqrt(count)
    if not mean < ladder.released - step:
        return ladder
    leader = np.array(losses, dtype=np.float64)
    leader.setflags(write=False)
    return Ladder(released=round(mean * count) / count, leader=leader)


def _check(ladder: Ladder, losses: Floats) -> None:
    if losses.ndim != 1 or len(losses) < 2:
        raise ValueError(f"losses of shape {losses.shape}; expected [examples], at least two")
    if not np.isfinite(losses).all():
        raise ValueError("losses that are not finite; expected a finite number for each example")
    if ladder.leader is not None and ladder.leader.shape != losses.shape:
        expected = f"the {len(ladder.leader)} that the team was scored on before"
        raise ValueError(f"losses of {len(losses)} examples; expected {expected}")
