"""Example data, drawn from a seed: coloured boxes on noise, or heaps of numbers. Put your own in its place.

What is drawn follows `challenge.toml`, so that classes, sizes and the shape of an input can be changed there.
"""

import colorsys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from challenges.splits import Examples, secret_generator

TASK: dict[str, Any] = tomllib.loads(Path(__file__).with_name("challenge.toml").read_text("utf-8"))["task"]
KIND, CLASSES, INPUT = TASK["kind"], len(TASK.get("classes", [])), TASK["input"]
MEMBERS = 4
"""Examples of each identity, where similarity is asked for."""

Drawn = tuple[NDArray[Any], tuple[int, int, int, int]]
"""An image, uint8 [channels, height, width], and the box in it: x0, y0, x1, y1."""


def given(seed: int, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the train and validation splits; the seed alone decides them."""
    rng = np.random.default_rng(seed)
    return {split: examples(sizes[split], rng) for split in ("train", "validation")}


def hidden(seed: int, secret: bytes, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the public and private splits; the event's secret decides them."""
    rng = secret_generator(secret, "example data")
    return {split: examples(sizes[split], rng) for split in ("public", "private")}


def examples(size: int, rng: np.random.Generator) -> Examples:
    """Make one split."""
    return table(size, rng) if INPUT["type"] == "table" else images(size, rng)


def table(size: int, rng: np.random.Generator) -> Examples:
    """Rows of noise around the place of their class or identity, or noise that adds up to a value."""
    count = len(INPUT["features"])
    noise = rng.normal(size=(size, count))
    if KIND == "regression":
        weights = np.linspace(1, 2, count)
        return Examples(noise.astype(np.float32), noise @ weights + rng.normal(0, 0.3, size))
    numbers = kinds_of(size, rng)
    places = np.random.default_rng(0).normal(0, 2, (int(numbers.max()) + 1, count))
    return Examples((noise + places[numbers]).astype(np.float32), labels_of(numbers))


def kinds_of(size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """The class of each example, all alike often; or its identity, each a few times."""
    if KIND == "similarity":
        return rng.permutation(np.minimum(np.arange(size) // MEMBERS, max(0, size // MEMBERS - 1)))
    first = 1 if KIND == "segmentation" else 0
    return rng.permutation(np.arange(size) % max(1, CLASSES - first)) + first


def labels_of(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Classes as they are; identities with the role of both query and gallery."""
    return np.stack([numbers, np.full_like(numbers, 2)], axis=1) if KIND == "similarity" else numbers


def images(size: int, rng: np.random.Generator) -> Examples:
    """Boxes on noise, with what the kind of task wants to know of them."""
    numbers = kinds_of(size, rng)
    hues = (
        rng.permutation(int(numbers.max()) + 1) if KIND == "similarity" else np.arange(int(numbers.max()) + 1)
    )
    made = [drawn(hues[number] / len(hues), rng) for number in numbers]
    inputs = np.stack([image for image, _ in made])
    boxes = np.array([box for _, box in made])
    if KIND == "regression":
        return Examples(inputs, boxes[:, 2].astype(np.float64) - boxes[:, 0])
    if KIND == "detection":
        rows = np.column_stack([boxes, numbers, np.zeros(size)])
        return Examples(inputs, rows[:, None].astype(np.float32))
    if KIND == "segmentation":
        return Examples(inputs, masks(boxes, numbers))
    return Examples(inputs, labels_of(numbers))


def masks(boxes: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Class 0 outside the boxes, their own class inside."""
    made = np.zeros((len(boxes), INPUT["height"], INPUT["width"]), np.uint8)
    for mask, (x0, y0, x1, y1), number in zip(made, boxes, numbers, strict=True):
        mask[y0:y1, x0:x1] = number
    return made


def drawn(hue: float, rng: np.random.Generator) -> Drawn:
    """Draw one box of a hue on noise."""
    channels, height, width = INPUT["channels"], INPUT["height"], INPUT["width"]
    image = rng.integers(0, 90, (channels, height, width), np.uint8)
    high, wide = (int(rng.integers(max(1, side // 3), max(2, side // 2))) for side in (height, width))
    top, left = int(rng.integers(height - high + 1)), int(rng.integers(width - wide + 1))
    colour = [0.4 + 0.5 * hue] if channels == 1 else colorsys.hsv_to_rgb(0.8 * hue, 0.8, 0.9)
    shade = rng.uniform(0.9, 1.1)
    image[:, top : top + high, left : left + wide] = np.clip(np.array(colour) * 255 * shade, 0, 255)[
        :, None, None
    ]
    return image, (left, top, left + wide, top + high)
