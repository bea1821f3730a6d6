"""Scenes of outdoor gear: a Fashion-MNIST photograph, tinted, turned and lit, before a photograph."""

import colorsys
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from challenges import sources
from challenges.splits import Examples, secret_generator

SIDE = 40
"""Height and width of a scene, pixels."""
CLASSES = 10
COVERED = 0.25
"""Share of the scenes in which something stands before the item."""

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Rows = list[NDArray[np.int64]]
"""Indices of source items, an array a class."""


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


def item_pools(seed: int) -> tuple[Rows, Rows]:
    """Halve the items of each class: one half is only ever given, the other only ever hidden."""
    _, labels = sources.fashion_mnist()
    rng = np.random.default_rng([seed, 0])
    halves = [np.array_split(rng.permutation(np.flatnonzero(labels == c)), 2) for c in range(CLASSES)]
    return [first for first, _ in halves], [second for _, second in halves]


def _splits(pool: Rows, rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, Examples]:
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
        scenes = np.stack([_scene(images[row], photographs, rng) for row in chosen])
        made[split] = Examples(scenes, labels.astype(np.int64))
    return made


def _scene(item: Bytes, photographs: list[Bytes], rng: np.random.Generator) -> Bytes:
    """Compose one scene, uint8 [3, SIDE, SIDE]."""
    scene = _background(photographs, rng)
    mask, shade = _turned(item, rng)
    scene *= 1 - 0.5 * _shadow(mask, rng)[..., None]
    scene += mask[..., None] * (_tinted(shade, rng) - scene)
    if rng.random() < COVERED:
        cover = _cover(mask, rng)[..., None]
        scene += cover * (_background(photographs, rng) - scene)
    return np.moveaxis(_taken(scene, rng), -1, 0)


def _background(photographs: list[Bytes], rng: np.random.Generator) -> Floats:
    """Crop a photograph, tinted and more or less out of focus, float32 [SIDE, SIDE, 3] in 0..1."""
    photograph = photographs[rng.integers(len(photographs))]
    side = int(rng.integers(48, 200))
    top, left = (int(rng.integers(length - side)) for length in photograph.shape[:2])
    crop = Image.fromarray(photograph[top : top + side, left : left + side])
    small = crop.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    tinted = np.asarray(small, np.float32) / 255 * rng.uniform(0.5, 0.95, 3)
    return _softened(tinted.astype(np.float32), rng.uniform(0, 1.5))


def _turned(item: Bytes, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Scale, turn by up to 25 degrees and move an item; give its mask and its brightness, [SIDE, SIDE]."""
    angle, scale = np.deg2rad(rng.uniform(-25, 25)), rng.uniform(0.95, 1.3)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / scale
    centre = SIDE / 2 + rng.uniform(-3, 3, 2)
    offset = np.array(item.shape) / 2 - matrix @ centre
    solid = ndimage.binary_closing(np.pad(item > 12, 2))[2:-2, 2:-2]
    mask = ndimage.affine_transform(solid.astype(np.float32), matrix, offset, (SIDE, SIDE), order=1)
    shade = ndimage.affine_transform(item.astype(np.float32) / 255, matrix, offset, (SIDE, SIDE), order=1)
    return mask, shade


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


def _cover(mask: Floats, rng: np.random.Generator) -> Floats:
    """Mask a half-plane with a soft edge that hides between a tenth and a quarter of the item."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    direction = rng.uniform(0, 2 * np.pi)
    depth = np.cos(direction) * rows + np.sin(direction) * columns
    edge = np.quantile(depth[mask > 0.5], 1 - rng.uniform(0.1, 0.25))
    return np.asarray(np.clip(depth - edge, 0, 1), np.float32)


def _taken(scene: Floats, rng: np.random.Generator) -> Bytes:
    """Photograph a scene: uneven light, an unsteady hand, a sensor's noise."""
    across = np.linspace(-1, 1, SIDE)
    slope = rng.uniform(-0.25, 0.25, 2)
    light = rng.uniform(0.75, 1.2) + slope[0] * across[:, None] + slope[1] * across
    blurred = _softened((scene * light[..., None]).astype(np.float32), rng.uniform(0, 0.8))
    noisy = blurred + rng.normal(0, rng.uniform(0.005, 0.03), scene.shape)
    return (np.clip(noisy, 0, 1) * 255).astype(np.uint8)
