"""Readings of a vane, drawn at random: each wind has a mean reading, and noise hides some of it."""

from collections.abc import Mapping, Sequence

import numpy as np

from challenges.splits import Examples, secret_generator

READINGS, WINDS = 8, 3
NOISE = 2.2


def given(seed: int, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the train and validation splits; the seed alone decides them."""
    return _made(seed, np.random.default_rng([seed, 1]), sizes, ("train", "validation"))


def hidden(seed: int, secret: bytes, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the public and private splits; the secret decides."""
    return _made(seed, secret_generator(secret, "two-winds"), sizes, ("public", "private"))


def _made(
    seed: int, rng: np.random.Generator, sizes: Mapping[str, int], names: Sequence[str]
) -> dict[str, Examples]:
    means = np.random.default_rng([seed, 0]).normal(size=(WINDS, READINGS)) * 1.6
    splits = {}
    for name in names:
        winds = rng.permutation(np.arange(sizes[name]) % WINDS)
        readings = means[winds] + rng.normal(size=(len(winds), READINGS)) * NOISE
        splits[name] = Examples(readings.astype(np.float32), winds.astype(np.int64))
    return splits
