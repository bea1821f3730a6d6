"""Per-example figures, packed for a message."""

import base64
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray


def packed(values: NDArray[Any], dtype: str) -> str:
    """Base64 of zlib of `values` as `dtype`, in numpy's notation."""
    return base64.b64encode(zlib.compress(values.astype(dtype).tobytes())).decode("ascii")


def unpacked(text: str, dtype: str) -> NDArray[Any]:
    """What `packed` packed."""
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), dtype=dtype)
