"""Memory and process limits for the whole of a box, by control groups where we may make them.

Version 1 and version 2 are both spoken. Whether we may is found out by making a group and
writing a limit into it, since permission bits alone do not tell. Without control groups a box is
held by its address space (`RLIMIT_AS`) and by a watcher in the parent.
"""

import contextlib
import functools
import itertools
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scoring.sandbox import policy

ROOT = Path("/sys/fs/cgroup")
MAIN = "heldout-main"
REMOVE_SECONDS = 5.0
_numbers = itertools.count()
_left: set["Group"] = set()
"""Groups that the kernel would not let go of in time, to be tried again."""

MEMORY_LIMIT = {1: "memory.limit_in_bytes", 2: "memory.max"}
MEMORY_PEAK = {1: "memory.max_usage_in_bytes", 2: "memory.peak"}
MEMORY_EVENTS = {1: "memory.oom_control", 2: "memory.events"}


@dataclass(frozen=True)
class Hierarchy:
    """Where we may make groups: one folder a controller in version 1, one folder in version 2."""

    version: Literal[1, 2]
    memory: Path
    pids: Path

    def create(self) -> "Group":
        """A new, empty group with the limits of a box that waits for its artefact."""
        _remove_what_is_left()
        name = f"heldout-{os.getpid()}-{next(_numbers)}"
        group = Group(self.version, self.memory / name, self.pids / name)
        try:
            for folder in group.folders:
                folder.mkdir()
            group.limit_memory(policy.IDLE_MEMORY_BYTES)
            (group.pids / "pids.max").write_text(str(policy.PROCESSES))
        except OSError:
            group.remove()
            raise
        return group


@dataclass(frozen=True)
class Group:
    """The control group of one box."""

    version: Literal[1, 2]
    memory: Path
    pids: Path

    @property
    def folders(self) -> list[Path]:
        """The group's folders, each once."""
        return list(dict.fromkeys([self.memory, self.pids]))

    def limit_memory(self, size: int) -> None:
        """Hold all processes of the group together to `size` bytes, without swap."""
        (self.memory / MEMORY_LIMIT[self.version]).write_text(str(size))
        swap = self.memory / "memory.swap.max"
        if self.version == 2 and swap.exists():
            swap.write_text("0")

    def out_of_memory(self) -> bool:
        """Whether the kernel ended a process of the group for want of memory."""
        lines = (self.memory / MEMORY_EVENTS[self.version]).read_text().splitlines()
        counts = dict(line.split() for line in lines)
        return int(counts.get("oom_kill", 0)) > 0

    def peak_bytes(self) -> int | None:
        """The most memory that the group held at once; None where the kernel does not count it."""
        file = self.memory / MEMORY_PEAK[self.version]
        return int(file.read_text()) if file.exists() else None

    def members(self) -> list[int]:
        """Process ids in the group."""
        file = self.pids / "cgroup.procs"
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    def remove(self) -> None:
        """End every process in the group and take the group away, which waits for their end.

        What is still there after `REMOVE_SECONDS`, as on a machine that is short of memory, is tried again
        when the next group is made.
        """
        deadline = time.monotonic() + REMOVE_SECONDS
        while not self._try_to_remove() and time.monotonic() < deadline:
            time.sleep(0.002)

    def _try_to_remove(self) -> bool:
        """One try; whether nothing of the group is left."""
        for pid in self.members():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for folder in self.folders:
            with contextlib.suppress(OSError):
                folder.rmdir()
        (_left.discard if self.gone else _left.add)(self)
        return self.gone

    @property
    def gone(self) -> bool:
        """Whether nothing of the group is left."""
        return not any(folder.exists() for folder in self.folders)


def _remove_what_is_left() -> None:
    for group in list(_left):
        group._try_to_remove()


def _own_paths() -> dict[str, str]:
    """This process's group by controller; the key of version 2 is the empty string."""
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    fields = [line.split(":", 2) for line in lines]
    return {controller: path for _, controllers, path in fields for controller in controllers.split(",")}


def _version_one(own: dict[str, str]) -> Hierarchy | None:
    if "memory" not in own or "pids" not in own:
        return None
    folders = {name: ROOT / name / own[name].lstrip("/") for name in ("memory", "pids")}
    return Hierarchy(1, folders["memory"], folders["pids"])


def _version_two(own: dict[str, str]) -> Hierarchy | None:
    """A delegated subtree, as systemd gives a service with `Delegate=yes`.

    A group that has children may not hold processes, so this process first moves to a leaf.
    """
    base = ROOT / own.get("", "").lstrip("/")
    base = base.parent if base.name == MAIN else base
    controllers = base / "cgroup.controllers"
    if not controllers.exists() or not {"memory", "pids"} <= set(controllers.read_text().split()):
        return None
    leaf = base / MAIN
    leaf.mkdir(exist_ok=True)
    for pid in (base / "cgroup.procs").read_text().split():
        with contextlib.suppress(ProcessLookupError):
            (leaf / "cgroup.procs").write_text(pid)
    (base / "cgroup.subtree_control").write_text("+memory +pids")
    return Hierarchy(2, base, base)


def _sweep(hierarchy: Hierarchy) -> None:
    """Take away the empty groups of workers that were killed before they could."""
    for folder in {hierarchy.memory, hierarchy.pids}:
        for left in folder.glob("heldout-[0-9]*-[0-9]*"):
            if not Path("/proc", left.name.split("-")[1]).exists():
                with contextlib.suppress(OSError):
                    left.rmdir()


@functools.cache
def find() -> Hierarchy | None:
    """The hierarchy that we may use, proved by making a group in it; None where there is none."""
    for candidate in (_version_one, _version_two):
        with contextlib.suppress(OSError, ValueError):
            hierarchy = candidate(_own_paths())
            if hierarchy is not None:
                hierarchy.create().remove()
                _sweep(hierarchy)
                return hierarchy
    return None
