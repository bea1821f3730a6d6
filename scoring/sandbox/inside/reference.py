"""The reference that a model's latency is divided by: three small convolutions, in numpy alone.

numpy is in every box that runs models, so one reference serves every format. The work is fixed: 20 million
multiply-accumulates as matrix products of unfolded images, about a millisecond of one thread, which
weighs arithmetic and memory much as a small convolutional network does.
"""

import itertools
from typing import Any

import numpy as np

_Array = np.ndarray[Any, np.dtype[np.float32]]

_KERNEL = 3
_SIZE = 34
_CHANNELS = (16, 32, 32, 32)
_generator = np.random.default_rng(0)
_IMAGE = _generator.standard_normal((_CHANNELS[0], _SIZE, _SIZE), np.float32)
_WEIGHTS = [
    _generator.standard_normal((after, before * _KERNEL**2), np.float32) / np.float32(before)
    for before, after in itertools.pairwise(_CHANNELS)
]


def _convolved(image: _Array, weights: _Array) -> _Array:
    """A convolution without padding and a ReLU; `image` is [channels, height, width]."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (_KERNEL, _KERNEL), axis=(1, 2))
    _, height, width, _, _ = windows.shape
    columns = windows.transpose(0, 3, 4, 1, 2).reshape(weights.shape[1], -1)
    return np.asarray(np.maximum(weights @ columns, np.float32(0))).reshape(len(weights), height, width)


def run(turn: int = 0) -> None:
    """Do the work once. `turn` changes nothing: it is there since models are run by turns."""
    image = _IMAGE
    for weights in _WEIGHTS:
        image = _convolved(image, weights)
