"""Scenes of outdoor gear: a Fashion-MNIST photograph, tinted, turned and lit, before a photograph."""

from collections.abc import Mapping

import numpy as np

from challenges import scenes, sources
from challenges.splits import Examples, secret_generator

SIDE = 40
"""Height and width of a scene, pixels."""
CLASSES = 10
COVERED = 0.25
"""Share of the scenes in which something stands before the item."""


def given(seed: int, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the train and validation splits; the seed alone decides them."""
    pool, _ = item_pools(seed)
    rng = np.random.default_rng([seed, 1])
    return _splits(pool, rng, {split: sizes[split] for split in ("train", "validation")})


def hidden(seed: int, secret: bytes, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the public and private splits, of items that `given(seed)` never uses; the secret decides them."""
    _, pool = item_pools(seed)
    rng = secret_generator(secret, "first-steps scenes")
    return _splits(pool, rng, {split: sizes[split] for split in ("public", "private")})


def public_source() -> Examples:
    """Give all of Fashion-MNIST in the form of this challenge's inputs: what a look-up can look in."""
    images, labels = sources.fashion_mnist()
    margin = (SIDE - images.shape[1]) // 2
    padded = np.pad(images, ((0, 0), (margin, margin), (margin, margin)))
    return Examples(np.repeat(padded[:, None], 3, axis=1), labels)


def item_pools(seed: int) -> tuple[scenes.Rows, scenes.Rows]:
    """Halve the items of each class: one half is only ever given, the other only ever hidden."""
    return scenes.item_pools(seed, [[label] for label in range(CLASSES)])


def _splits(pool: scenes.Rows, rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Compose each split from items of its own, the classes as even as the size allows."""
    images, _ = sources.fashion_mnist()
    photographs = sources.photographs()
    left = [rng.permutation(rows) for rows in pool]
    made = {}
    for split, size in sizes.items():
        labels = rng.permutation(np.arange(size) % CLASSES)
        counts = np.bincount(labels, minlength=CLASSES)
        chosen = np.empty(size, np.int64)
        for label, count in enumerate(counts):
            chosen[labels == label], left[label] = left[label][:count], left[label][count:]
        pictures = np.stack([_scene(images[row], photographs, rng) for row in chosen])
        made[split] = Examples(pictures, labels.astype(np.int64))
    return made


def _scene(item: scenes.Bytes, photographs: list[scenes.Bytes], rng: np.random.Generator) -> scenes.Bytes:
    """Compose one scene, uint8 [3, SIDE, SIDE]."""
    picture = scenes.background(photographs, rng, SIDE)
    mask, shade = _placed(item, rng)
    scenes.pasted(picture, mask, shade, rng)
    if rng.random() < COVERED:
        cover = _cover(mask, rng)[..., None]
        picture += cover * (scenes.background(photographs, rng, SIDE) - picture)
    return scenes.taken(picture, rng)


def _placed(item: scenes.Bytes, rng: np.random.Generator) -> tuple[scenes.Floats, scenes.Floats]:
    """Scale, turn by up to 25 degrees and move an item; give its mask and its brightness, [SIDE, SIDE]."""
    angle, scale = np.deg2rad(rng.uniform(-25, 25)), rng.uniform(0.95, 1.3)
    return scenes.turned(item, SIDE, angle, scale, SIDE / 2 + rng.uniform(-3, 3, 2))


def _cover(mask: scenes.Floats, rng: np.random.Generator) -> scenes.Floats:
    """Mask a half-plane with a soft edge that hides between a tenth and a quarter of the item."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    direction = rng.uniform(0, 2 * np.pi)
    depth = np.cos(direction) * rows + np.sin(direction) * columns
    edge = np.quantile(depth[mask > 0.5], 1 - rng.uniform(0.1, 0.25))
    return np.asarray(np.clip(depth - edge, 0, 1), np.float32)
