"""Scenes with none to four pieces of gear, and the box around what is seen of each."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from challenges import scenes, sources
from challenges.splits import Examples, secret_generator

CLASSES = {"jacket": (2, 4), "trousers": (1,), "trainer": (7,), "bag": (8,), "boot": (9,)}
"""The classes of this challenge, and the classes of Fashion-MNIST that make each."""
MOST = 4
"""Items in a scene."""
SHARES = (0.04, 0.28, 0.36, 0.22, 0.10)
"""Share of the scenes with none, one, two, three and four items."""
LOOK = scenes.Look(side=64, scales=(0.6, 1.25), tilt=35, inside=0.7, seen=0.5, barred=0.25)


def given(seed: int, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the train and validation splits; the seed alone decides them."""
    pool, _ = item_pools(seed)
    rng = np.random.default_rng([seed, 1])
    return _splits(pool, rng, {split: sizes[split] for split in ("train", "validation")})


def hidden(seed: int, secret: bytes, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the public and private splits, of items that `given(seed)` never uses; the secret decides them."""
    _, pool = item_pools(seed)
    rng = secret_generator(secret, "where-is-it scenes")
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
    boxes = np.zeros((size, MOST, 6), np.float32)
    boxes[:, :, 4] = -1
    for row in range(size):
        wanted = [next(items) for _ in range(rng.choice(MOST + 1, p=SHARES))]
        scene = scenes.composed(wanted, photographs, rng, LOOK)
        pictures[row] = scene.pixels
        for place, (mask, label) in enumerate(zip(scene.masks, scene.labels, strict=True)):
            boxes[row, place] = *scenes.box_of(mask), label, 0
    return Examples(pictures, boxes)
