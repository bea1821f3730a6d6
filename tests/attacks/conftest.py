"""Attacks are scored like any submission; after each, the platform must be as it was."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from scoring.sandbox import cgroups
from scoring.sandbox.pool import Pool
from tests import reports
from tests.scoring.fixtures import WARM, Score, inspect, pool, score
from tests.scoring.models import identity

__all__ = ["inspect", "pool", "score"]

CANARY = "canary-4f1d0c"
WAITING = sum(WARM.values())
PATIENCE_SECONDS = 60
"""For the kernel to take a group away whose memory was full."""
LOOK_SECONDS = 0.1
REMEMBERED_MB = 300
"""What the worker may hold more after an attack than before it: libraries that the test imported, caches."""


def descendants() -> "list[psutil.Process]":
    """Every process below this one, whatever it calls itself."""
    return list(psutil.Process().children(recursive=True))


def boxes() -> list[str]:
    """The boxes that hang below this process."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            found += [f"{child.pid} {child.status()}"] if "bwrap" in child.name() else []
    return found


def groups() -> list[str]:
    """The control groups of this process's boxes, each with the processes in it."""
    hierarchy = cgroups.find()
    found = [] if hierarchy is None else hierarchy.pids.glob(f"heldout-{os.getpid()}-*")
    return [f"{group.name}: {members(group)}" for group in found]


def members(group: Path) -> list[str]:
    """The processes in a group. It may go while it is read; then the kernel finds no such device."""
    with contextlib.suppress(OSError):
        return (group / "cgroup.procs").read_text().split()
    return ["just gone"]


def settled() -> bool:
    return len(boxes()) <= WAITING and len(groups()) <= WAITING


def wait_until_settled() -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not settled() and time.monotonic() < deadline:
        time.sleep(0.05)


@dataclass
class Peaks:
    """The most that this process and all below it held at once, as a thread saw that looks now and then."""

    processes: int = 0
    memory_mb: int = 0
    own_memory_mb: int = 0

    def look(self) -> None:
        memory, count = 0, 0
        for process in descendants():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                memory += process.memory_info().rss
                count += 1
        self.processes = max(self.processes, count)
        self.memory_mb = max(self.memory_mb, memory >> 20)
        self.own_memory_mb = max(self.own_memory_mb, own_memory_mb())


def own_memory_mb() -> int:
    return int(psutil.Process().memory_info().rss) >> 20


@pytest.fixture(scope="session")
def watched(pool: Pool, pytestconfig: pytest.Config) -> Iterator[None]:
    """Looks at this machine as long as attacks run, and says at the end what was seen."""
    peaks, ended = Peaks(), threading.Event()

    def watch() -> None:
        while not ended.wait(LOOK_SECONDS):
            peaks.look()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield
    ended.set()
    thread.join()
    lines = [
        f"boxes together, at most: {peaks.memory_mb} MB in {peaks.processes} processes",
        f"the worker itself, at most: {peaks.own_memory_mb} MB; at the end: {own_memory_mb()} MB",
        f"left at the end: {len(boxes())} boxes that wait, {len(groups())} control groups with one box each",
    ]
    reports.say(pytestconfig, lines)


@pytest.fixture(autouse=True)
def unharmed(monkeypatch: pytest.MonkeyPatch, watched: None, pool: Pool, score: Score) -> Iterator[None]:
    """Plants a secret; afterwards the next honest model scores, and no box or descriptor is left.

    Nor does the worker hold more than it did: not the memory that a box asked for, nor what it sent.
    """
    monkeypatch.setenv("HELDOUT_CANARY", CANARY)
    before, open_before = own_memory_mb(), len(os.listdir("/proc/self/fd"))
    yield
    honest = score(identity().SerializeToString())
    assert honest.verdict is None
    assert honest.scores[2].value > 0.7
    wait_until_settled()
    assert len(boxes()) <= WAITING
    assert len(groups()) <= WAITING
    assert own_memory_mb() < before + REMEMBERED_MB
    assert len(os.listdir("/proc/self/fd")) < open_before + DESCRIPTORS


DESCRIPTORS = 6 * (WAITING + 2)
"""What boxes hold that wait by now and did not before: a socket, a pipe, a selector, two folders each."""
