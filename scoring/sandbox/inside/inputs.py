"""The inputs of a job as batches of float32, all of one shape."""

import copy
import mmap
from collections.abc import Iterator
from typing import Any

import numpy as np


class Inputs:
    """Examples in a sealed memory file: uint8 images, or rows of float32.

    `values(start, stop)` gives them as a model receives them: float32, images divided by 255.
    """

    def __init__(self, fd: int, count: int, shape: list[int], dtype: str) -> None:
        if count == 0:
            raise ValueError("a job without examples")
        # A shared mapping of a file that is sealed against writing is refused by older kernels.
        memory = mmap.mmap(fd, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
        self.stored = np.frombuffer(memory, dtype=dtype).reshape(count, *shape)
        self.count = count
        self._most_rows: int | None = None

    def alone(self, row: int) -> "Inputs":
        """One example as inputs of its own, for which a loader makes batches of one row if it can."""
        found = copy.copy(self)
        found.stored, found.count, found._most_rows = self.stored[row : row + 1], 1, 1
        return found

    def rows(self, size: int) -> int:
        """Rows of a batch for a loader that would take `size` at a time."""
        return size if self._most_rows is None else min(size, self._most_rows)

    def values(self, start: int, stop: int) -> "np.ndarray[Any, np.dtype[np.float32]]":
        """Examples `start` to `stop` as float32."""
        part = self.stored[start:stop]
        if part.dtype == np.uint8:
            return part.astype(np.float32) / np.float32(255)
        return np.ascontiguousarray(part, dtype=np.float32)

    def batches(self, size: int) -> Iterator[tuple["np.ndarray[Any, np.dtype[np.float32]]", int]]:
        """Batches of exactly `size` rows, and how many rows of each count.

        The last one is filled up by repeating its last row, so that every batch takes the same
        path through the kernels and an example's result does not depend on how many there are.
        """
        for start in range(0, self.count, size):
            part = self.values(start, start + size)
            missing = size - len(part)
            filled = np.concatenate([part, np.repeat(part[-1:], missing, axis=0)]) if missing else part
            yield filled, size - missing
