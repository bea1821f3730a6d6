"""Small scenes of ten kinds of outdoor gear, 40 x 40 pixels."""

from collections.abc import Mapping

import numpy as np

from challenges import gear
from challenges.gear import item_pools
from challenges.splits import Examples, secret_generator

LOOK = gear.Look(side=40, scales=(0.95, 1.3), wander=3)


def given(seed: int, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the train and validation splits; the seed alone decides them."""
    pool, _ = item_pools(seed)
    rng = np.random.default_rng([seed, 1])
    return gear.compose(pool, rng, {split: sizes[split] for split in ("train", "validation")}, LOOK)


def hidden(seed: int, secret: bytes, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the public and private splits, of items that `given(seed)` never uses; the secret decides them."""
    _, pool = item_pools(seed)
    rng = secret_generator(secret, "first-steps scenes")
    return gear.compose(pool, rng, {split: sizes[split] for split in ("public", "private")}, LOOK)


def public_source() -> Examples:
    """Give all of Fashion-MNIST in the form of this challenge's inputs: what a look-up can look in."""
    return gear.public_source(LOOK)
