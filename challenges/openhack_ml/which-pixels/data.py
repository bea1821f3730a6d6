"""Scenes with one to four pieces of gear, and the class of what is seen in each pixel."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from challenges import scenes, sources
from challenges.splits import Examples, secret_generator

CLASSES = {"upper wear": (0, 2, 4, 6), "trousers": (1,), "footwear": (7, 9), "bag": (8,)}
"""The classes of this challenge after the background, and the classes of Fashion-MNIST that make each."""
SHARES = (0.3, 0.4, 0.2, 0.1)
"""Share of the scenes with one, two, three and four items."""
LOOK = scenes.Look(side=64, scales=(0.85, 1.6), tilt=40, inside=0.6, seen=0.4, barred=0.4)


def given(seed: int, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the train and validation splits; the seed alone decides them."""
    pool, _ = item_pools(seed)
    rng = np.random.default_rng([seed, 1])
    return _splits(pool, rng, {split: sizes[split] for split in ("train", "validation")})


def hidden(seed: int, secret: bytes, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the public and private splits, of items that `given(seed)` never uses; the secret decides them."""
    _, pool = item_pools(seed)
    rng = secret_generator(secret, "which-pixels scenes")
    return _splits(pool, rng, {split: sizes[split] for split in ("public", "private")})


def item_pools(seed: int) -> tuple[scenes.Rows, scenes.Rows]:
    """Halve the items of each class: one half is only ever given, the other only ever hidden."""
    return scenes.item_pools(seed, list(CLASSES.values()))


def _splits(pool: scenes.Rows, rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Compose each split from items of its own."""
    items = scenes.supply(pool, rng)
    photographs = sources.photographs()
    return {split: _split(size, items, photographs, rng) for split, size in sizes.items()}


def _split(
    size: int, items: Iterator[scenes.Item], photographs: Sequence[scenes.Bytes], rng: np.random.Generator
) -> Examples:
    pictures = np.empty((size, 3, LOOK.side, LOOK.side), np.uint8)
    labels = np.zeros((size, LOOK.side, LOOK.side), np.uint8)
    for row in range(size):
        wanted = [next(items) for _ in range(1 + rng.choice(len(SHARES), p=SHARES))]
        scene = scenes.composed(wanted, photographs, rng, LOOK)
        pictures[row] = scene.pixels
        for mask, label in zip(scene.masks, scene.labels, strict=True):
            labels[row][mask] = 1 + label
    return Examples(pictures, labels)
