"""Bootstrap resamples of whole examples, as how often each one is drawn.

For metrics that are no mean over examples: what an example adds is counted once, and every resample sums
it as often as the example was drawn. Efron and Tibshirani, An Introduction to the Bootstrap (1993).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from scoring.statistics import Floats

Counts = NDArray[np.int32]
"""How often each example is drawn, [resamples, examples]; every row sums to the number of examples."""

_SEED = 20261124
_CELLS_AT_ONCE = 4_000_000


def counts(examples: int, resamples: int, cells: int = 0) -> Iterator[Counts]:
    """Draw `resamples` times `examples` examples with replacement, in parts that fit in memory.

    The draws depend on the two numbers alone, so every metric and every team gets the same ones. `cells`
    is how many numbers the caller keeps for each resample, where that is more than the examples.
    """
    generator = np.random.default_rng(_SEED)
    rows = max(1, _CELLS_AT_ONCE // max(examples, cells, 1))
    for start in range(0, resamples, rows):
        drawn = [
            np.bincount(generator.integers(0, examples, examples), minlength=examples)
            for _ in range(min(rows, resamples - start))
        ]
        yield np.stack(drawn).astype(np.int32)


def filled(values: Floats, whole: float) -> Floats:
    """`values` [resamples] with that of the whole split where a resample leaves a metric undefined."""
    return np.where(np.isfinite(values), values, whole)
