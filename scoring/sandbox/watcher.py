"""Memory of a box where no control group counts it: the sum over its processes, looked at often."""

import contextlib

import psutil

LOOK_SECONDS = 0.05


class MemoryWatcher:
    """Looks at a process and all below it. A burst between two looks is held by `RLIMIT_AS`."""

    def __init__(self, pid: int, limit: int) -> None:
        self._pid = pid
        self._limit = limit
        self.peak_bytes = 0

    def over(self) -> bool:
        """Whether the processes together hold more than the limit now."""
        self.peak_bytes = max(self.peak_bytes, self._resident())
        return self.peak_bytes > self._limit

    def _resident(self) -> int:
        total = 0
        with contextlib.suppress(psutil.NoSuchProcess):
            root = psutil.Process(self._pid)
            for process in (root, *root.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    total += process.memory_info().rss
        return total
