"""How sure a score is: 95 % intervals.

Everything is seeded by a constant, so that the same predictions give the same digits everywhere.
Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13: the percentile method.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import sqrt
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
"""Rows of a split that were drawn with replacement, [resamples, examples]."""

RESAMPLES = 1000
PAIRED_RESAMPLES = 10_000
"""So many that a p-value can be small enough for Holm's correction over a hundred comparisons."""

_Z = 1.959963984540054
_SEED = 20261123
_CELLS_AT_ONCE = 4_000_000
_DRAWN_AT_ONCE = 1_000_000
"""Rows in a part of the draws: few enough that what is gathered by them stays in the cache."""

_REPEATED = 16
"""Values that repeat so often are drawn by their counts, which is the same at a small part of the cost."""

Name = TypeVar("Name")


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


def draws(count: int, resamples: int = RESAMPLES, width: int = 0) -> Iterator[Rows]:
    """Bootstrap draws of `count` examples, in parts that fit in memory.

    They depend on `count` and `resamples` alone: every metric and every team gets the same ones, so that
    differences between these are paired. `width` is how many numbers the caller makes of one resample,
    where that is more than the examples.
    """
    generator = np.random.default_rng(_SEED)
    most = max(1, _DRAWN_AT_ONCE // max(count, width))
    for start in range(0, resamples, most):
        yield generator.integers(0, count, size=(min(most, resamples - start), count))


def bootstrap(
    count: int, measures: Mapping[Name, Callable[[Rows], Floats]], width: int = 0
) -> dict[Name, Floats]:
    """Each measure on the same resamples of `count` examples, [RESAMPLES].

    A measure maps drawn rows [resamples, examples] to values [resamples], NaN where it is not defined.
    Efron and Tibshirani (1993), chapter 6. `width` as in `draws`.
    """
    found: dict[Name, list[Floats]] = {name: [] for name in measures}
    for drawn in draws(count, width=width):
        for name, measure in measures.items():
            found[name].append(measure(drawn))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def mean_of(values: Floats) -> Callable[[Rows], Floats]:
    """The mean of per-example `values` [examples], as a measure for `bootstrap`."""
    return lambda drawn: np.asarray(values[drawn].mean(axis=1))


def mean_interval(values: Floats) -> tuple[float, float]:
    """The interval of the mean of `values` [examples], by the bootstrap over examples."""
    return percentiles(bootstrap(len(values), {"mean": mean_of(values)})["mean"])


def percentiles(values: Floats) -> tuple[float, float]:
    """The 95 % interval of resampled values [resamples], by the percentile method.

    Resamples on which the metric is not defined, NaN, are left out.
    """
    low, high = np.nanquantile(values, [0.025, 0.975])
    return float(low), float(high)


class Difference(NamedTuple):
    """How much better one is than another on average: 95 % interval, and two-sided p-value of none."""

    mean: float
    low: float
    high: float
    p: float


def paired_difference(ours: Floats, theirs: Floats) -> Difference:
    """The mean of `ours - theirs`, per-example values [examples] of the same examples.

    The paired bootstrap: examples are resampled, and both are looked at on the same ones. The p-value is
    twice the smaller share of resamples on either side of 0, counting the sample itself, so it is never
    0. Efron and Tibshirani (1993), chapters 13 and 16; Davison and Hinkley, Bootstrap Methods and their
    Application (1997), section 4.2, on counting the sample itself. Raises ValueError where the two are
    not of the same examples.
    """
    if ours.shape != theirs.shape or ours.ndim != 1 or ours.size == 0:
        raise ValueError(f"values of shapes {ours.shape} and {theirs.shape}; expected one shape [examples]")
    differences = np.asarray(ours - theirs, dtype=np.float64)
    if not np.isfinite(differences).all():
        raise ValueError("values that are not finite; leave out the examples that are not scored")
    means = _resampled_means(differences, PAIRED_RESAMPLES)
    tail = 1 + min((means <= 0).sum(), (means >= 0).sum())
    p = min(1.0, float(2 * tail / (1 + len(means))))
    return Difference(float(differences.mean()), *percentiles(means), p)


def _resampled_means(values: Floats, resamples: int) -> Floats:
    """Means of resamples of `values` [examples], [resamples].

    Values that repeat, as those of right and wrong answers, are drawn by how often each one comes: a
    multinomial, which is exactly the bootstrap over examples.
    """
    distinct, times = np.unique(values, return_counts=True)
    if len(distinct) * _REPEATED > len(values):
        measure = mean_of(values)
        return np.concatenate([measure(drawn) for drawn in draws(len(values), resamples)])
    generator = np.random.default_rng(_SEED)
    drawn = generator.multinomial(len(values), times / len(values), size=resamples)
    return np.asarray(drawn @ distinct / len(values))


def mcnemar(ours: Floats, theirs: Floats) -> float:
    """The exact two-sided p-value that two classifiers are right equally often.

    `ours` and `theirs` [examples] are 1 where right and 0 where wrong, on the same examples. Only those
    that one of them alone has right count: each is a fair coin if there is no difference. McNemar,
    Psychometrika 12 (1947); the exact form by the binomial distribution. Raises ValueError for values
    other than 0 and 1.
    """
    if not (np.isin(ours, (0, 1)).all() and np.isin(theirs, (0, 1)).all()):
        raise ValueError("values other than 0 and 1; expected 1 for a right answer and 0 for a wrong one")
    better, worse = int((ours > theirs).sum()), int((ours < theirs).sum())
    coins = better + worse
    ways = total = 1
    for heads in range(min(better, worse)):
        ways = ways * (coins - heads) // (heads + 1)
        total += ways
    return float(min(1.0, 2 * total / 2**coins))


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected for being several, in the order given.

    Holm, Scandinavian Journal of Statistics 6 (1979): the smallest of m is multiplied by m, the next by
    m - 1, and none may be below the one before. Rejecting where the corrected value is at most 0.05
    keeps the chance of any false rejection at 5 %, however the comparisons hang together.
    """
    corrected = [1.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda place: p_values[place])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = highest
    return corrected
