"""Scenes composed of photographs: items of Fashion-MNIST, lit and turned, before crops of a background.

Several built-in bundles are made with this. The order in which numbers are drawn from a generator is part
of their data: a change of it changes every scene.
"""

import colorsys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from challenges import sources

INK = 12
"""The brightness from which on a pixel of a source image belongs to the item, of 255."""

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Masks = NDArray[np.bool_]
Rows = list[NDArray[np.int64]]
"""Indices of source items, an array a class."""


class Look(NamedTuple):
    """How the scenes of a bundle look."""

    side: int
    """Height and width of a scene, pixels."""
    scales: tuple[float, float]
    """Smallest and largest enlargement of the items, which are 28 pixels wide."""
    tilt: float
    """An item is turned by at most this, degrees."""
    inside: float
    """The least share of an item that lies within the picture."""
    seen: float
    """The least share of an item that nothing else covers."""
    barred: float
    """Share of the scenes in which a post stands before the items."""
    margin: float = 0
    """How far the middle of an item is away from the border at least, pixels."""


class Scene(NamedTuple):
    """A picture, uint8 [3, side, side], and what is seen of each item in it, [items, side, side]."""

    pixels: Bytes
    masks: Masks
    labels: list[int]
    """The class of each item."""


class Item(NamedTuple):
    """A source item, uint8 [28, 28], and its class."""

    image: Bytes
    label: int


def item_pools(seed: int, groups: Sequence[Sequence[int]]) -> tuple[Rows, Rows]:
    """Halve the items of each class: one half is only ever given, the other only ever hidden.

    `groups` names for each class of the bundle the classes of Fashion-MNIST that make it.
    """
    _, labels = sources.fashion_mnist()
    rng = np.random.default_rng([seed, 0])
    members = [np.flatnonzero(np.isin(labels, group)) for group in groups]
    halves = [np.array_split(rng.permutation(rows), 2) for rows in members]
    return [first for first, _ in halves], [second for _, second in halves]


def supply(pool: Rows, rng: np.random.Generator) -> Iterator[Item]:
    """Yield items of a pool, each once, as many of one class as of another.

    Raises ValueError when a class has no more.
    """
    images, _ = sources.fashion_mnist()
    left = [rng.permutation(rows).tolist() for rows in pool]
    while True:
        for label in rng.permutation(len(pool)).tolist():
            if not left[label]:
                raise ValueError(f"class {label} has {len(pool[label])} items; the splits ask for more")
            yield Item(images[left[label].pop()], label)


def composed(
    items: Sequence[Item], photographs: Sequence[Bytes], rng: np.random.Generator, look: Look
) -> Scene:
    """Compose a scene of the items that find a place in it, the first one farthest back."""
    picture = background(photographs, rng, look.side)
    whole: list[Floats] = []
    visible: list[Floats] = []
    labels: list[int] = []
    for item in items:
        place = _place(item.image, whole, visible, rng, look)
        if place is None:
            continue
        mask, shade = place
        pasted(picture, mask, shade, rng)
        visible = [*(part * (1 - mask) for part in visible), mask]
        whole, labels = [*whole, mask], [*labels, item.label]
    if rng.random() < look.barred:
        post = _post(rng, look.side)
        barred = [part * (1 - post) for part in visible]
        if _all_seen(barred, whole, look.seen):
            picture += post[..., None] * (background(photographs, rng, look.side) - picture)
            visible = barred
    masks = np.array(visible, np.float32).reshape(-1, look.side, look.side) >= 0.5
    return Scene(taken(picture, rng), masks, labels)


def box_of(mask: Masks) -> tuple[int, int, int, int]:
    """The smallest box around a mask [height, width]: x0, y0, x1, y1, of which x1 and y1 lie outside."""
    (rows,), (columns,) = np.nonzero(mask.any(1)), np.nonzero(mask.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def background(
    photographs: Sequence[Bytes], rng: np.random.Generator, side: int, crop: tuple[int, int] = (48, 200)
) -> Floats:
    """Crop a photograph, tinted and more or less out of focus, float32 [side, side, 3] in 0..1.

    `crop` holds the smallest side of the crop, in the photograph's pixels, and the first too large one.
    """
    photograph = photographs[int(rng.integers(len(photographs)))]
    cut = int(rng.integers(*crop))
    top, left = (int(rng.integers(length - cut)) for length in photograph.shape[:2])
    part = Image.fromarray(photograph[top : top + cut, left : left + cut])
    small = part.resize((side, side), Image.Resampling.BILINEAR)
    tinted = np.asarray(small, np.float32) / 255 * rng.uniform(0.5, 0.95, 3)
    return _softened(tinted.astype(np.float32), rng.uniform(0, 1.5))


def turned(
    item: Bytes, side: int, angle: float, scale: float, centre: NDArray[np.float64]
) -> tuple[Floats, Floats]:
    """Turn an item by an angle in radians, scale and move it; give its mask and brightness, [side, side]."""
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / scale
    offset = np.array(item.shape) / 2 - matrix @ centre
    mask = ndimage.affine_transform(_solid(item), matrix, offset, (side, side), order=1)
    shade = ndimage.affine_transform(item.astype(np.float32) / 255, matrix, offset, (side, side), order=1)
    return mask, shade


def pasted(picture: Floats, mask: Floats, shade: Floats, rng: np.random.Generator) -> None:
    """Paint an item into a picture [side, side, 3]: its shadow, and itself in a fabric's colour."""
    picture *= 1 - 0.5 * _shadow(mask, rng)[..., None]
    picture += mask[..., None] * (_tinted(shade, rng) - picture)


def taken(picture: Floats, rng: np.random.Generator) -> Bytes:
    """Photograph a picture [side, side, 3]: uneven light, an unsteady hand, a sensor's noise.

    Gives uint8 [3, side, side].
    """
    across = np.linspace(-1, 1, len(picture))
    slope = rng.uniform(-0.25, 0.25, 2)
    light = rng.uniform(0.75, 1.2) + slope[0] * across[:, None] + slope[1] * across
    blurred = _softened((picture * light[..., None]).astype(np.float32), rng.uniform(0, 0.8))
    noisy = blurred + rng.normal(0, rng.uniform(0.005, 0.03), picture.shape)
    return np.moveaxis((np.clip(noisy, 0, 1) * 255).astype(np.uint8), -1, 0)


def _place(
    image: Bytes, whole: list[Floats], visible: list[Floats], rng: np.random.Generator, look: Look
) -> tuple[Floats, Floats] | None:
    """Find a place for an item where it and those behind it are seen; None when some tries find none."""
    area = _solid(image).sum()
    for _ in range(8):
        item = image[:, ::-1] if rng.random() < 0.5 else image
        angle, scale = np.deg2rad(rng.uniform(-look.tilt, look.tilt)), rng.uniform(*look.scales)
        mask, shade = turned(
            item, look.side, angle, scale, rng.uniform(look.margin, look.side - look.margin, 2)
        )
        if mask.sum() < look.inside * scale**2 * area:
            continue
        if _all_seen([part * (1 - mask) for part in visible], whole, look.seen):
            return mask, shade
    return None


def _all_seen(visible: list[Floats], whole: list[Floats], least: float) -> bool:
    return all(part.sum() >= least * mask.sum() for part, mask in zip(visible, whole, strict=True))


def _solid(item: Bytes) -> Floats:
    """An item's mask in its source image; what is dark inside of it belongs to it."""
    closed = ndimage.binary_closing(np.pad(item > INK, 2))[2:-2, 2:-2]
    return np.asarray(closed, np.float32)


def _post(rng: np.random.Generator, side: int) -> Floats:
    """Mask a straight post of 3 to 7 pixels that crosses the middle of the picture, [side, side]."""
    rows, columns = np.mgrid[:side, :side]
    direction = rng.uniform(0, np.pi)
    depth = np.cos(direction) * rows + np.sin(direction) * columns
    middle = np.cos(direction) * rng.uniform(0.25, 0.75) + np.sin(direction) * rng.uniform(0.25, 0.75)
    distance = np.abs(depth - middle * side)
    return np.asarray(np.clip(rng.uniform(1.5, 3.5) + 0.5 - distance, 0, 1), np.float32)


def _shadow(mask: Floats, rng: np.random.Generator) -> Floats:
    moved = ndimage.shift(mask, rng.uniform(0, 3, 2), order=0)
    return _softened(moved[..., None], 1.5)[..., 0]


def _softened(picture: Floats, sigma: float) -> Floats:
    """Blur [height, width, channels] by a Gaussian of `sigma` pixels."""
    return np.asarray(ndimage.gaussian_filter(picture, (sigma, sigma, 0)), np.float32)


def _tinted(shade: Floats, rng: np.random.Generator) -> Floats:
    """Give an item a fabric's colour; dark parts stay visible, as they do in cloth."""
    colour = colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.1, 0.75), rng.uniform(0.6, 1.0))
    return np.asarray((0.15 + 0.85 * shade[..., None]) * np.array(colour), np.float32)
