"""A clock of the site's processes that can be set: nights pass in a moment, and time jumps.

    python -m heldout.rehearsal.clock FILE MODULE ...      # run MODULE by the clock of FILE

FILE holds the seconds by which the site's clock is ahead of the machine's. What a process of the site asks
Django (`timezone.now`) or `time.time` is shifted by it, at once and while it runs. The machine's own clock,
the workers', the broker's and PostgreSQL's stay as they are, as if the site ran on a machine of its own.
"""

import mmap
import runpy
import struct
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

SHIFT = struct.Struct("<d")
machine_time: Callable[[], float] = time.time


class Clock:
    """The shift, in a file that every process of the site has mapped."""

    def __init__(self, file: Path) -> None:
        self.file = file
        if not file.exists():
            file.write_bytes(SHIFT.pack(0.0))
        with file.open("r+b") as opened:
            self._shared = mmap.mmap(opened.fileno(), SHIFT.size)

    @property
    def shift(self) -> float:
        """Seconds by which the site's clock is ahead."""
        return float(SHIFT.unpack_from(self._shared)[0])

    def jump(self, seconds: float) -> None:
        """Set the site's clock forward, or back."""
        SHIFT.pack_into(self._shared, 0, self.shift + seconds)

    def time(self) -> float:
        """`time.time` of the site."""
        return machine_time() + self.shift


def follow(clock: Clock) -> None:
    """Let this process live by the clock."""
    from django.utils import timezone

    asked = timezone.now

    def now() -> datetime:
        return asked() + timedelta(seconds=clock.shift)

    timezone.now = now
    time.time = clock.time


def main() -> None:
    """Follow the clock, then be the module."""
    file, module, *arguments = sys.argv[1:]
    follow(Clock(Path(file)))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
