"""Images of two splits that are nearly the same: what is learned of one by heart answers the other.

They are compared as thumbnails, so that copies at another size, or saved anew, are found as well.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from challenges.manifest import Split
from challenges.splits import Inputs, LabelledSplit

THUMBNAIL = 8
"""Height and width that images are averaged to, one grey level a cell."""
CLOSEST = 3.0
"""Root mean square difference of two thumbnails, in grey levels of 0..255, below which they are alike."""
CHUNK = 1000

Floats = NDArray[np.float32]


class Pair(NamedTuple):
    """The ids of an image of one split and of one of another, and how far apart they are."""

    first: str
    second: str
    distance: float


def closest(splits: Mapping[Split, LabelledSplit]) -> Pair:
    """Give the closest pair of images, uint8 [n, channels, height, width], of two different splits.

    There must be two splits at least.
    """
    described = {name: _thumbnails(split.inputs) for name, split in splits.items()}
    return min(_pairs(splits, described), key=lambda pair: pair.distance)


def _pairs(splits: Mapping[Split, LabelledSplit], described: Mapping[Split, Floats]) -> Iterator[Pair]:
    for one, other in combinations(splits, 2):
        for start in range(0, len(described[one]), CHUNK):
            squares = _squares(described[one][start : start + CHUNK], described[other])
            row, column = np.unravel_index(squares.argmin(), squares.shape)
            ids = str(splits[one].ids[start + row]), str(splits[other].ids[column])
            # The expansion of a square loses digits where two are close, so that one is measured again.
            gap = described[one][start + row] - described[other][column]
            yield Pair(*ids, float(np.sqrt((gap**2).mean())))


def _squares(left: Floats, right: Floats) -> Floats:
    """Squared distances [n, m] of rows."""
    return np.asarray((left**2).sum(1)[:, None] + (right**2).sum(1) - 2 * left @ right.T)


def _thumbnails(images: Inputs) -> Floats:
    """Average images [n, channels, height, width] to grey cells, [n, at most THUMBNAIL squared]."""
    grey = images.mean(1, dtype=np.float32)
    for axis in (1, 2):
        length = grey.shape[axis]
        starts = np.unique(np.arange(min(THUMBNAIL, length)) * length // min(THUMBNAIL, length))
        sums = np.add.reduceat(grey, starts, axis=axis)
        sizes = np.diff(np.append(starts, length)).reshape([-1 if a == axis else 1 for a in range(3)])
        grey = sums / sizes
    return np.asarray(grey.reshape(len(grey), -1), np.float32)
