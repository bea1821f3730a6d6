"""Scenes of one item of gear each, for the bundles that ask what a picture shows."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from challenges import scenes, sources
from challenges.scenes import Bytes, Floats, Rows
from challenges.splits import Examples

CLASSES = 10
"""Those of Fashion-MNIST: t-shirt, trousers, pullover, dress, coat, sandal, shirt, trainer, bag, boot."""


class Look(NamedTuple):
    """How the scenes of a bundle look."""

    side: int
    """Height and width of a scene, pixels."""
    scales: tuple[float, float]
    """Smallest and largest enlargement of the items, which are 28 pixels wide."""
    wander: float
    """How far an item lies from the middle at most, along each axis, pixels."""
    crop: tuple[int, int] = (48, 200)
    """Smallest side of the part of a photograph that makes a background, and the first too large one."""
    tilt: float = 25
    """An item is turned by at most this, degrees."""
    covered: float = 0.25
    """Share of the scenes in which something stands before the item."""


def item_pools(seed: int, classes: Sequence[int] = range(CLASSES)) -> tuple[Rows, Rows]:
    """Halve the items of some classes: one half is only ever given, the other only ever hidden."""
    return scenes.item_pools(seed, [[label] for label in classes])


def compose(
    pool: Rows, rng: np.random.Generator, sizes: Mapping[str, int], look: Look
) -> dict[str, Examples]:
    """Compose each split from items of its own, the classes of the pool as even as the size allows.

    Images are uint8 [n, 3, side, side], labels the index of the item's class in the pool.
    """
    images, _ = sources.fashion_mnist()
    photographs = sources.photographs()
    left = [rng.permutation(rows) for rows in pool]
    made = {}
    for split, size in sizes.items():
        labels = rng.permutation(np.arange(size) % len(pool))
        counts = np.bincount(labels, minlength=len(pool))
        chosen = np.empty(size, np.int64)
        for label, count in enumerate(counts):
            chosen[labels == label], left[label] = left[label][:count], left[label][count:]
        pictures = np.stack([_scene(images[row], photographs, rng, look) for row in chosen])
        made[split] = Examples(pictures, labels.astype(np.int64))
    return made


def public_source(look: Look, classes: Sequence[int] = range(CLASSES)) -> Examples:
    """Give the public items of some classes in the form of scenes, [n, 3, side, side]: what a look-up can
    look in. They are enlarged as the items of scenes are in the middle, by whole pixels.

    Labels are the index of the item's class in `classes`.
    """
    images, labels = sources.fashion_mnist()
    wanted = np.isin(labels, classes)
    images, labels = images[wanted], labels[wanted]
    size = round(images.shape[1] * np.mean(look.scales)) if look.scales[0] > 1 else images.shape[1]
    nearest = np.arange(size) * images.shape[1] // size
    before = (look.side - size) // 2
    margins = (before, look.side - size - before)
    padded = np.pad(images[:, nearest][:, :, nearest], ((0, 0), margins, margins))
    place = np.full(CLASSES, -1)
    place[list(classes)] = range(len(classes))
    colours = np.broadcast_to(padded[:, None], (len(padded), 3, look.side, look.side))
    return Examples(colours, place[labels].astype(np.int64))


def _scene(item: Bytes, photographs: list[Bytes], rng: np.random.Generator, look: Look) -> Bytes:
    """Compose one scene, uint8 [3, side, side]."""
    picture = scenes.background(photographs, rng, look.side, look.crop)
    mask, shade = _placed(item, rng, look)
    scenes.pasted(picture, mask, shade, rng)
    if rng.random() < look.covered:
        cover = _cover(mask, rng)[..., None]
        picture += cover * (scenes.background(photographs, rng, look.side, look.crop) - picture)
    return scenes.taken(picture, rng)


def _placed(item: Bytes, rng: np.random.Generator, look: Look) -> tuple[Floats, Floats]:
    """Turn, scale and move an item; give its mask and its brightness, [side, side]."""
    angle, scale = np.deg2rad(rng.uniform(-look.tilt, look.tilt)), rng.uniform(*look.scales)
    centre = look.side / 2 + rng.uniform(-look.wander, look.wander, 2)
    return scenes.turned(item, look.side, angle, scale, centre)


def _cover(mask: Floats, rng: np.random.Generator) -> Floats:
    """Mask a half-plane with a soft edge that hides between a tenth and a quarter of the item."""
    rows, columns = np.mgrid[: mask.shape[0], : mask.shape[1]]
    direction = rng.uniform(0, 2 * np.pi)
    depth = np.cos(direction) * rows + np.sin(direction) * columns
    edge = np.quantile(depth[mask > 0.5], 1 - rng.uniform(0.1, 0.25))
    return np.asarray(np.clip(depth - edge, 0, 1), np.float32)
