"""Examples of a challenge in memory and on disk: the words that builders, baselines and workers share."""

import hashlib
import hmac
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from challenges.manifest import Split

Inputs = NDArray[Any]
"""Images: uint8 [n, channels, height, width]. Tables: float32 [n, features]."""
Labels = NDArray[Any]
"""The ground truth, by the kind of task.

Classification: class indices, int64 [n]. Detection: float32 [n, most, 6] of x0, y0, x1, y1 in pixels,
class index and 1 for a crowd; rows of class -1 fill up. Segmentation: class indices, uint8
[n, height, width], 255 where nothing is scored. Similarity: int64 [n, 2] of identity and role, 0 for the
gallery, 1 for a query, 2 for both. Regression: float64 [n]. Images: uint8 [n, channels, height, width].
"""
Ids = NDArray[np.str_]


class Examples(NamedTuple):
    """What a bundle's builder returns for one split."""

    inputs: Inputs
    labels: Labels


class LabelledSplit(NamedTuple):
    """One split as it is stored: each example with an id that says nothing of it."""

    inputs: Inputs
    labels: Labels
    ids: Ids


def read_split(path: Path, split: Split) -> LabelledSplit:
    """Read one split, from a folder of given data or from a hidden set's single file.

    Raises FileNotFoundError, or KeyError when the file holds no such split.
    """
    prefix = "" if path.is_dir() else f"{split}_"
    source = path / f"{split}.npz" if path.is_dir() else path
    with np.load(source, allow_pickle=False) as arrays:
        return LabelledSplit(*(arrays[prefix + name] for name in LabelledSplit._fields))


def model_input(inputs: Inputs) -> NDArray[np.float32]:
    """Turn stored inputs into what a model receives: images as float32 in 0..1, tables unchanged."""
    if inputs.dtype == np.uint8:
        return inputs.astype(np.float32) / np.float32(255)
    return inputs.astype(np.float32, copy=False)


def keyed(secret: bytes, purpose: str) -> bytes:
    """Derive 32 bytes for one purpose from an event's secret (HMAC-SHA-256)."""
    return hmac.new(secret, purpose.encode(), hashlib.sha256).digest()


def secret_generator(secret: bytes, purpose: str) -> np.random.Generator:
    """Give a random generator that nobody can repeat without the secret, another one for each purpose."""
    return np.random.default_rng(int.from_bytes(keyed(secret, purpose), "big"))
