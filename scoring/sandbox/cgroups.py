"""Limits of memory, processes and processor time for the whole of a box, by control groups where we may.

Version 1 and version 2 are both spoken. Whether we may is found out by making a group and
writing a limit into it, since permission bits alone do not tell. Without control groups a box is
held by its address space (`RLIMIT_AS`) and by a watcher in the parent. Groups of processor time are used
where they are there, and nothing depends on them: the clock ends what takes too long.
"""

import contextlib
import functools
import os
import secrets
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from scoring.sandbox import policy

ROOT = Path("/sys/fs/cgroup")
MAIN = "heldout-main"
REMOVE_SECONDS = 5.0
_left: set["Group"] = set()
"""Groups that the kernel would not let go of in time, to be tried again."""

MEMORY_LIMIT = {1: "memory.limit_in_bytes", 2: "memory.max"}
MEMORY_PEAK = {1: "memory.max_usage_in_bytes", 2: "memory.peak"}
MEMORY_EVENTS = {1: "memory.oom_control", 2: "memory.events"}


@dataclass(frozen=True)
class Hierarchy:
    """Where we may make groups: one folder a controller in version 1, one folder in version 2.

    `cpu` is None where processor time cannot be limited.
    """

    version: Literal[1, 2]
    memory: Path
    pids: Path
    cpu: Path | None = None

    def create(self, processes: int = policy.STARTING_TASKS) -> "Group":
        """A new, empty group with the limits of a box that waits for its artefact.

        No name is ever used again, so that what a worker of the same process id left is not in the way.
        """
        remove_what_is_left()
        name = f"heldout-{os.getpid()}-{secrets.token_hex(4)}"
        cpu = self.cpu / name if self.cpu is not None else None
        group = Group(self.version, self.memory / name, self.pids / name, cpu)
        try:
            for folder in group.folders:
                folder.mkdir()
            group.limit_memory(policy.IDLE_MEMORY_BYTES)
            group.limit_processes(processes)
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
    cpu: Path | None = None

    @property
    def folders(self) -> list[Path]:
        """The group's folders, each once."""
        return list(dict.fromkeys([self.memory, self.pids, *([self.cpu] if self.cpu else [])]))

    def limit_memory(self, size: int) -> None:
        """Hold all processes of the group together to `size` bytes, without swap."""
        (self.memory / MEMORY_LIMIT[self.version]).write_text(str(size))
        swap = self.memory / "memory.swap.max"
        if self.version == 2 and swap.exists():
            swap.write_text("0")

    def limit_processes(self, count: int) -> None:
        """Let the group hold so many tasks, threads among them."""
        (self.pids / "pids.max").write_text(str(count))

    def limit_cpu(self, threads: int) -> None:
        """Give the group the processor time of so many threads, and what `policy.CPU_QUOTA` adds."""
        if self.cpu is None:
            return
        period = int(policy.CPU_PERIOD_SECONDS * 1e6)
        quota = int(period * threads * policy.CPU_QUOTA)
        if self.version == 2:
            (self.cpu / "cpu.max").write_text(f"{quota} {period}")
            return
        (self.cpu / "cpu.cfs_period_us").write_text(str(period))
        (self.cpu / "cpu.cfs_quota_us").write_text(str(quota))

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
        """Process ids in the group. One that cannot be seen from here reads 0, which for kill(2) is us."""
        file = self.pids / "cgroup.procs"
        pids = map(int, file.read_text().split()) if file.exists() else ()
        return [pid for pid in pids if pid > 0]

    def remove(self) -> None:
        """End every process in the group and take the group away, which waits for their end.

        What is still there after `REMOVE_SECONDS`, as on a machine that is short of memory, is tried again
        by `remove_what_is_left`.
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


def remove_what_is_left() -> None:
    """Try once more to take away the groups that the kernel would not let go of when their boxes ended."""
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
    cpu = ROOT / "cpu" / own["cpu"].lstrip("/") if "cpu" in own else None
    return Hierarchy(1, folders["memory"], folders["pids"], cpu)


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
    with contextlib.suppress(OSError):
        (base / "cgroup.subtree_control").write_text("+cpu")
    has_cpu = "cpu" in (base / "cgroup.subtree_control").read_text().split()
    return Hierarchy(2, base, base, base if has_cpu else None)


def _sweep(hierarchy: Hierarchy) -> None:
    """Take away the empty groups of workers that were killed before they could."""
    for folder in filter(None, {hierarchy.memory, hierarchy.pids, hierarchy.cpu}):
        for left in folder.glob("heldout-[0-9]*-*"):
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
                hierarchy = _proved(hierarchy)
                _sweep(hierarchy)
                return hierarchy
    return None


def _proved(hierarchy: Hierarchy) -> Hierarchy:
    """What of a hierarchy bears a group with limits: all of it, or all but processor time."""
    hierarchy = replace(hierarchy, cpu=None) if not _bears_cpu(hierarchy) else hierarchy
    hierarchy.create().remove()
    return hierarchy


def _bears_cpu(hierarchy: Hierarchy) -> bool:
    try:
        group = hierarchy.create()
    except OSError:
        return False
    try:
        group.limit_cpu(1)
    except OSError:
        return False
    finally:
        group.remove()
    return True
