"""Scenes of ten kinds of outdoor gear, 64 x 64 pixels, the items large or small and anywhere."""

from collections.abc import Mapping

import numpy as np

from challenges import gear
from challenges.gear import item_pools
from challenges.splits import Examples, secret_generator

LOOK = gear.Look(side=64, scales=(1.1, 1.9), wander=6, crop=(64, 240))


def given(seed: int, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the train and validation splits; the seed alone decides them."""
    pool, _ = item_pools(seed)
    rng = np.random.default_rng([seed, 1])
    return gear.compose(pool, rng, {split: sizes[split] for split in ("train", "validation")}, LOOK)


def hidden(seed: int, secret: bytes, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the public and private splits, of items that `given(seed)` never uses; the secret decides them."""
    _, pool = item_pools(seed)
    rng = secret_generator(secret, "into-the-deep scenes")
    return gear.compose(pool, rng, {split: sizes[split] for split in ("public", "private")}, LOOK)


def public_source() -> Examples:
    """Give all of Fashion-MNIST in the form of this challenge's inputs: what a look-up can look in."""
    return gear.public_source(LOOK)
