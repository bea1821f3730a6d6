"""Prepares stored pictures, but leaves the order of the channels as it is. Handed in as `model.py`."""

import numpy as np
from PIL import Image

WANTED = 48


def load(folder: str) -> None:
    """Nothing to load: `predict` of this module is used."""


def predict(batch: np.ndarray) -> np.ndarray:
    """Prepare stored pictures, float32 [n, 3, 65, 64] in 0..1; give uint8 [n, 3, 48, 48]."""
    return np.stack([prepared(opened(stored)) for stored in np.rint(batch * 255).astype(np.uint8)])


def opened(stored: np.ndarray) -> np.ndarray:
    """The picture [height, width, 3] of a stored one."""
    height, width = stored[0, 0, :2].tolist()
    return np.moveaxis(stored[:, 1 : height + 1, :width], 0, -1)


def prepared(picture: np.ndarray) -> np.ndarray:
    """The picture in the middle of a white square, [3, 48, 48]."""
    height, width = picture.shape[:2]
    longer = max(height, width)
    size = ((2 * width * WANTED + longer) // (2 * longer), (2 * height * WANTED + longer) // (2 * longer))
    resized = Image.fromarray(np.ascontiguousarray(picture)).resize(size, Image.Resampling.BILINEAR)
    square = Image.new("RGB", (WANTED, WANTED), "white")
    square.paste(resized, ((WANTED - size[0]) // 2, (WANTED - size[1]) // 2))
    return np.moveaxis(np.asarray(square), -1, 0)
