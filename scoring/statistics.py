"""How sure a score is: 95 % intervals.

Everything is seeded by a constant, so that the same predictions give the same digits everywhere.
Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13: the percentile method.
"""

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 1000
_Z = 1.959963984540054
_SEED = 20261123
_CELLS_AT_ONCE = 4_000_000


def wilson(successes: int, count: int) -> tuple[float, float]:
    """The Wilson score interval of a share; never leaves 0..1, and is not empty at 0 or at 1.

    Wilson (1927); recommended by Brown, Cai and DasGupta, Statistical Science 16 (2001).
    """
    share = successes / count
    spread = 1 + _Z**2 / count
    middle = (share + _Z**2 / (2 * count)) / spread
    half = _Z * sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2)) / spread
    return max(0.0, middle - half), min(1.0, middle + half)


def table_interval(confusion: Floats, metric: Callable[[Floats], Floats]) -> tuple[float, float]:
    """The interval of a metric of the confusion table [classes, classes].

    Drawing examples with replacement is drawing the table from a multinomial with the same
    shares: exactly the bootstrap over examples, at a small part of its cost. `metric` maps
    tables [resamples, classes, classes] to values [resamples].
    """
    generator = np.random.default_rng(_SEED)
    count = int(confusion.sum())
    shares = confusion.ravel() / count
    filled = np.flatnonzero(shares)
    rows = max(1, _CELLS_AT_ONCE // shares.size)
    values: list[Floats] = []
    for start in range(0, RESAMPLES, rows):
        drawn = np.zeros((min(rows, RESAMPLES - start), shares.size))
        drawn[:, filled] = generator.multinomial(count, shares[filled], size=len(drawn))
        values.append(metric(drawn.reshape(-1, *confusion.shape)))
    return percentiles(np.concatenate(values))


def mean_interval(values: Floats) -> tuple[float, float]:
    """The interval of the mean of `values` [examples], by the bootstrap over examples."""
    generator = np.random.default_rng(_SEED)
    rows = max(1, _CELLS_AT_ONCE // len(values))
    means: list[Any] = []
    for start in range(0, RESAMPLES, rows):
        size = (min(rows, RESAMPLES - start), len(values))
        means.append(values[generator.integers(0, len(values), size=size)].mean(axis=1))
    return percentiles(np.concatenate(means))


def percentiles(values: Floats) -> tuple[float, float]:
    """The 95 % interval of resampled values [resamples], by the percentile method."""
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
