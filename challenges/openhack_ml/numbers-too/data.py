"""Readings of handwritten numbers by a sensor of 8 x 8 cells, turned, shifted, dimmed and noisy."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from challenges.splits import Examples, secret_generator

SIDE = 8
CLASSES = 10
BRIGHTEST = 16
GIVEN_PER_CLASS = 100
HIDDEN_PER_CLASS = 74
READINGS = 2
"""Readings of each number in the train split; the other splits have one of each."""

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


def given(seed: int, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the train and validation splits; the seed alone decides them."""
    pool, _ = item_pools(seed)
    rng = np.random.default_rng([seed, 1])
    rows = np.stack([rng.permutation(of_class) for of_class in pool]).T.ravel()
    validation, train = rows[: sizes["validation"]], np.tile(rows[sizes["validation"] :], READINGS)
    return {
        "train": _read(_first(train, sizes["train"]), rng),
        "validation": _read(_first(validation, sizes["validation"]), rng),
    }


def hidden(seed: int, secret: bytes, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the public and private splits, of numbers that `given(seed)` never uses; the secret decides."""
    _, pool = item_pools(seed)
    rng = secret_generator(secret, "numbers-too readings")
    rows = np.stack([rng.permutation(of_class) for of_class in pool]).T.ravel()
    public, private = rows[: sizes["public"]], rows[sizes["public"] :]
    return {
        "public": _read(_first(public, sizes["public"]), rng),
        "private": _read(_first(private, sizes["private"]), rng),
    }


def public_source() -> Examples:
    """Give all of scikit-learn's digits in the form of this challenge's inputs."""
    images, labels = _digits()
    return Examples(images.reshape(len(images), -1), labels)


def item_pools(seed: int) -> tuple[Rows, Rows]:
    """Choose the numbers that are only ever given, and those only ever hidden: [classes, numbers] each."""
    _, labels = _digits()
    rng = np.random.default_rng([seed, 0])
    used = GIVEN_PER_CLASS + HIDDEN_PER_CLASS
    rows = np.stack([rng.permutation(np.flatnonzero(labels == label))[:used] for label in range(CLASSES)])
    return rows[:, :GIVEN_PER_CLASS], rows[:, GIVEN_PER_CLASS:]


def _digits() -> tuple[Floats, Rows]:
    """Load 1,797 digits: float32 [n, 8, 8] in 0..16, and their values."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.images.astype(np.float32), digits.target.astype(np.int64)


def _first(rows: Rows, size: int) -> Rows:
    if size > len(rows):
        raise ValueError(f"a split of {size} readings is wanted; {len(rows)} can be made")
    return rows[:size]


def _read(rows: Rows, rng: np.random.Generator) -> Examples:
    """Read the numbers with the sensor, in an order that says nothing."""
    images, labels = _digits()
    rows = rng.permutation(rows)
    readings = np.stack([_reading(images[row], rng) for row in rows])
    return Examples(readings.reshape(len(rows), -1), labels[rows])


def _reading(image: Floats, rng: np.random.Generator) -> Floats:
    """Read one number: float32 [8, 8] in 0..16."""
    angle, scale = np.deg2rad(rng.uniform(-20, 20)), rng.uniform(0.85, 1.15)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / scale
    centre = np.full(2, (SIDE - 1) / 2)
    offset = centre - matrix @ (centre + rng.uniform(-0.8, 0.8, 2))
    turned = ndimage.affine_transform(image, matrix, offset, order=1)
    noisy = turned * rng.uniform(0.6, 1.0) + rng.normal(0, 0.7, turned.shape)
    return np.asarray(np.clip(noisy, 0, BRIGHTEST), np.float32)
