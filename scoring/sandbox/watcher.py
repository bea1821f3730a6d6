"""What a box holds where the kernel does not limit it: memory of its processes, and files of its own."""

import contextlib
import os
from collections.abc import Sequence

import psutil

from scoring.sandbox import policy

LOOK_SECONDS = 0.05


class Scratch:
    """The file systems of a box that it may write to, by descriptors that came out of it before its job.

    No file in them is ever opened from here: the kernel is asked for their sizes alone.
    """

    def __init__(self, descriptors: Sequence[int] = ()) -> None:
        self._descriptors = list(descriptors)

    def files(self) -> int:
        """Files and folders in them."""
        found = [os.fstatvfs(descriptor) for descriptor in self._descriptors]
        return sum(system.f_files - system.f_ffree for system in found)

    def resident(self) -> int:
        """Bytes of memory that they take."""
        found = [os.fstatvfs(descriptor) for descriptor in self._descriptors]
        content = sum((system.f_blocks - system.f_bfree) * system.f_frsize for system in found)
        return content + self.files() * policy.INODE_BYTES

    def close(self) -> None:
        """Let go of them."""
        while self._descriptors:
            os.close(self._descriptors.pop())


class MemoryWatcher:
    """Looks at a process, all below it and their files. What bursts between two looks meets `RLIMIT_AS`."""

    def __init__(self, pid: int, limit: int, scratch: Scratch) -> None:
        self._pid = pid
        self._limit = limit
        self._scratch = scratch
        self.peak_bytes = 0

    def over(self) -> bool:
        """Whether they together hold more than the limit now."""
        self.peak_bytes = max(self.peak_bytes, self._resident() + self._scratch.resident())
        return self.peak_bytes > self._limit

    def _resident(self) -> int:
        total = 0
        with contextlib.suppress(psutil.NoSuchProcess):
            root = psutil.Process(self._pid)
            for process in (root, *root.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    total += process.memory_info().rss
        return total
