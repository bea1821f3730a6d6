"""Pictures of gear as two makes of cameras store them, and each picture as the depot wants it.

A stored picture is uint8 [3, 65, 64]. Row 0 is a header, the same in all three channels: the picture's
height, its width, and 1 where its channels are in the order blue, green, red. The picture itself begins at
row 1, column 0; what it does not fill is 0.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from challenges import gear
from challenges.gear import item_pools
from challenges.splits import Examples, secret_generator

LOOK = gear.Look(side=64, scales=(1.3, 2.1), wander=6, crop=(64, 240), covered=0)
SMALLEST, NARROWEST = 40, 24
"""The least length of a picture's longer side, and of its shorter one, pixels."""
WANTED = 48
"""Height and width of a picture as the depot wants it."""
WHITE = 255
BLUE_FIRST = 0.5
"""Share of the pictures with their channels in the order blue, green, red."""

Bytes = NDArray[np.uint8]


def given(seed: int, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the train and validation splits; the seed alone decides them."""
    pool, _ = item_pools(seed)
    rng = np.random.default_rng([seed, 1])
    scenes = gear.compose(pool, rng, {split: sizes[split] for split in ("train", "validation")}, LOOK)
    return {split: _pictures(found.inputs, rng) for split, found in scenes.items()}


def hidden(seed: int, secret: bytes, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the public and private splits, of items that `given(seed)` never uses; the secret decides them."""
    _, pool = item_pools(seed)
    rng = secret_generator(secret, "gearing-up pictures")
    scenes = gear.compose(pool, rng, {split: sizes[split] for split in ("public", "private")}, LOOK)
    return {split: _pictures(found.inputs, rng) for split, found in scenes.items()}


def stored(picture: Bytes, blue_first: bool) -> Bytes:
    """Store a picture [height, width, 3] of red, green and blue as a camera does, [3, 65, 64]."""
    height, width = picture.shape[:2]
    found = np.zeros((3, LOOK.side + 1, LOOK.side), np.uint8)
    found[:, 0, :3] = height, width, blue_first
    ordered = picture[:, :, ::-1] if blue_first else picture
    found[:, 1 : height + 1, :width] = np.moveaxis(ordered, -1, 0)
    return found


def prepared(picture: Bytes) -> Bytes:
    """Fit a picture [height, width, 3] into the middle of a white square, [3, WANTED, WANTED].

    The longer side becomes WANTED, the shorter keeps the ratio, rounded to the nearest pixel, halves up.
    """
    height, width = picture.shape[:2]
    longer = max(height, width)
    new_height, new_width = ((2 * side * WANTED + longer) // (2 * longer) for side in (height, width))
    resized = Image.fromarray(picture).resize((new_width, new_height), Image.Resampling.BILINEAR)
    square = np.full((WANTED, WANTED, 3), WHITE, np.uint8)
    top, left = (WANTED - new_height) // 2, (WANTED - new_width) // 2
    square[top : top + new_height, left : left + new_width] = np.asarray(resized)
    return np.moveaxis(square, -1, 0)


def _pictures(scenes: Bytes, rng: np.random.Generator) -> Examples:
    """Cut a picture of some height and width out of each scene; store it, and prepare it."""
    pictures = [_cut(np.moveaxis(scene, 0, -1), rng) for scene in scenes]
    inputs = [stored(picture, bool(rng.random() < BLUE_FIRST)) for picture in pictures]
    return Examples(np.stack(inputs), np.stack([prepared(picture) for picture in pictures]))


def _cut(scene: Bytes, rng: np.random.Generator) -> Bytes:
    """The middle of a scene, upright or lying."""
    longer = int(rng.integers(SMALLEST, LOOK.side + 1))
    shorter = int(rng.integers(NARROWEST, longer + 1))
    height, width = (longer, shorter) if rng.random() < 0.5 else (shorter, longer)
    top, left = (LOOK.side - height) // 2, (LOOK.side - width) // 2
    return np.ascontiguousarray(scene[top : top + height, left : left + width])
