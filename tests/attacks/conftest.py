"""Attacks are scored like any submission; after each, the platform must be as it was."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from scoring.sandbox import cgroups
from scoring.sandbox.pool import Pool
from tests.scoring.fixtures import WARM, Score, inspect, pool, score
from tests.scoring.models import identity

__all__ = ["inspect", "pool", "score"]

CANARY = "canary-4f1d0c"
WAITING = sum(WARM.values())
PATIENCE_SECONDS = 60
"""For the kernel to take a group away whose memory was full."""


def boxes() -> list[str]:
    """The boxes that hang below this process."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            found += [f"{child.pid} {child.status()}"] if "bwrap" in child.name() else []
    return found


def groups() -> list[Path]:
    """The control groups of this process's boxes."""
    hierarchy = cgroups.find()
    return [] if hierarchy is None else list(hierarchy.pids.glob(f"heldout-{os.getpid()}-*"))


def settled() -> bool:
    return len(boxes()) <= WAITING and len(groups()) <= WAITING


@pytest.fixture(autouse=True)
def unharmed(monkeypatch: pytest.MonkeyPatch, pool: Pool, score: Score) -> Iterator[None]:
    """Plants a secret; afterwards the next honest model scores, and no box or descriptor is left."""
    monkeypatch.setenv("HELDOUT_CANARY", CANARY)
    yield
    honest = score(identity().SerializeToString())
    assert honest.verdict is None
    assert honest.scores[2].value > 0.7
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not settled() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(boxes()) <= WAITING
    assert len(groups()) <= WAITING
