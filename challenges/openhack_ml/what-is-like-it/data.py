"""Scenes with one article each: the same article in several scenes, in other colours and at other angles."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from challenges import scenes, sources
from challenges.splits import Examples, secret_generator

CLASSES = 10
ROLES = (0, 0, 0, 1, 1)
"""Of each article's scenes, three are in the gallery and two are queries."""
LOOK = scenes.Look(side=64, scales=(1.2, 1.8), tilt=25, inside=0.9, seen=0.7, barred=0.25, margin=26)


def given(seed: int, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the train and validation splits; the seed alone decides them."""
    pool, _ = item_pools(seed)
    rng = np.random.default_rng([seed, 1])
    return _splits(pool, rng, {split: sizes[split] for split in ("train", "validation")})


def hidden(seed: int, secret: bytes, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the public and private splits, of articles that `given(seed)` never uses; the secret decides."""
    _, pool = item_pools(seed)
    rng = secret_generator(secret, "what-is-like-it scenes")
    return _splits(pool, rng, {split: sizes[split] for split in ("public", "private")})


def item_pools(seed: int) -> tuple[scenes.Rows, scenes.Rows]:
    """Halve the items of each class: one half is only ever given, the other only ever hidden."""
    return scenes.item_pools(seed, [[label] for label in range(CLASSES)])


def _splits(pool: scenes.Rows, rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Compose each split from articles of its own, which are numbered on from split to split."""
    items = enumerate(scenes.supply(pool, rng))
    photographs = sources.photographs()
    return {split: _split(size, items, photographs, rng) for split, size in sizes.items()}


def _split(
    size: int,
    items: Iterator[tuple[int, scenes.Item]],
    photographs: Sequence[scenes.Bytes],
    rng: np.random.Generator,
) -> Examples:
    """Compose `size` scenes, in an order that says nothing of what they show."""
    pictures = np.empty((size, 3, LOOK.side, LOOK.side), np.uint8)
    labels = np.empty((size, 2), np.int64)
    for row in range(size):
        role = row % len(ROLES)
        if role == 0:
            number, item = next(items)
        pictures[row] = _shown(item, photographs, rng)
        labels[row] = number, ROLES[role]
    order = rng.permutation(size)
    return Examples(pictures[order], labels[order])


def _shown(item: scenes.Item, photographs: Sequence[scenes.Bytes], rng: np.random.Generator) -> scenes.Bytes:
    """Compose a scene in which the item has found a place."""
    while True:
        scene = scenes.composed([item], photographs, rng, LOOK)
        if scene.labels:
            return scene.pixels
