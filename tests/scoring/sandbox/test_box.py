"""One box from start to end: what it leaves, what it says when it cannot start."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from challenges.manifest import Limits
from scoring.sandbox import launcher
from scoring.sandbox.box import Box
from scoring.sandbox.cgroups import Hierarchy
from scoring.sandbox.pool import Pool
from scoring.sandbox.work import BoxFault, Ended, Work, printable
from tests.scoring.models import identity, pickled, table_task

MODEL = identity().SerializeToString()
ROWS = np.eye(3, dtype=np.float32)


def work(content: bytes = MODEL, seconds: float = 20) -> Work:
    return Work(content, Limits(wall_seconds=seconds, memory_mb=512), table_task(), ROWS)


def started() -> Box:
    box = Box("onnx", launcher.launch("onnx"))
    box.wait_until_ready()
    return box


def family(box: Box) -> list[psutil.Process]:
    """Every process of a box, as this machine sees it."""
    outer = psutil.Process(box.pid)
    return [outer, *outer.children(recursive=True)]


def test_a_box_gives_a_row_for_each_example() -> None:
    box = started()
    try:
        shares: list[float] = []
        outcome = box.run(work(), shares.append)
    finally:
        box.close()
    assert np.array_equal(outcome.predictions, ROWS)
    assert shares[-1] == 1.0
    assert outcome.log == ""


def test_nothing_of_a_box_is_left_after_its_end() -> None:
    before = len(os.listdir("/proc/self/fd"))
    box = started()
    processes = family(box)
    assert len(processes) > 1
    box.close()
    _, left = psutil.wait_procs(processes, timeout=10)
    assert [process for process in left if process.status() != "zombie"] == []
    assert len(os.listdir("/proc/self/fd")) == before


def test_many_boxes_start_while_descriptor_numbers_rise() -> None:
    """Placing descriptors at fixed numbers once collided with those of the parent."""
    held = []
    for _ in range(8):
        held += [os.open(os.devnull, os.O_RDONLY) for _ in range(13)]
        started().close()
    for descriptor in held:
        os.close(descriptor)


def test_a_box_runs_as_nobody_of_this_machine() -> None:
    box = started()
    inner = family(box)[-1]
    uids = inner.uids()
    box.close()
    assert os.geteuid() != 0 or uids.real != 0


def test_no_variable_of_the_worker_is_in_any_process_of_a_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELDOUT_BROKER_URL", "redis://:secret@nowhere")
    box = started()
    environments = []
    for process in family(box):
        file = Path(f"/proc/{process.pid}/environ")
        environments.append(file.read_bytes() if os.access(file, os.R_OK) else b"")
    box.close()
    assert any(environments)
    assert not any(b"secret" in environment for environment in environments)


def test_a_box_that_is_gone_before_its_job_is_our_fault() -> None:
    box = started()
    os.kill(box.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while box.alive and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        with pytest.raises((BoxFault, Ended)):
            box.run(work(), lambda share: None)
        assert not box.alive
    finally:
        box.close()


def waiting(pool: Pool, count: int) -> list[psutil.Process]:
    """The outer processes of the boxes that wait in a pool, once there are so many."""
    deadline = time.monotonic() + 20
    while len(pool.waiting("onnx")) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    return [psutil.Process(box.pid) for box in pool.waiting("onnx")]


def test_a_warm_box_that_died_is_replaced() -> None:
    with Pool({"onnx": 1}) as pool:
        [warm] = waiting(pool, 1)
        warm.kill()
        psutil.wait_procs([warm], timeout=10)
        outcome = pool.run("onnx", work(), lambda share: None)
    assert np.array_equal(outcome.predictions, ROWS)


def test_without_warm_boxes_one_is_started_by_the_same_way() -> None:
    with Pool({}) as pool:
        assert np.array_equal(pool.run("onnx", work(), lambda share: None).predictions, ROWS)


def test_closing_a_pool_ends_its_boxes() -> None:
    pool = Pool({"onnx": 2})
    warm = waiting(pool, 2)
    assert len(warm) == 2
    pool.close()
    _, left = psutil.wait_procs(warm, timeout=10)
    assert [process for process in left if process.status() != "zombie"] == []


def test_a_box_of_one_kind_has_no_loader_for_another() -> None:
    box = started()
    try:
        with pytest.raises(Ended) as caught:
            box.run(work(pickled("print('loaded')")), lambda share: None)
    finally:
        box.close()
    assert caught.value.code == "unreadable"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\nlines", "plain\nlines"),
        ("\x1b[1m", "\\x1b[1m"),
        ("a\u202eb", "a\\u202eb"),
        ("\r\0", "\\r\\x00"),
        ("é ✓", "é ✓"),
    ],
)
def test_text_from_a_box_is_made_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


STARVED = """
import os, resource, sys
from scoring.sandbox import cgroups, filters, launcher

def left():
    hierarchy = cgroups.find()
    groups = [] if hierarchy is None else list(hierarchy.memory.glob(f"heldout-{os.getpid()}-*"))
    return groups, len(os.listdir("/proc/self/fd"))

launcher.command("onnx", 0, {})
filters.stage_one(), filters.stage_two("onnx")
before, highest = left(), max(map(int, os.listdir("/proc/self/fd")))
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1 + int(sys.argv[1]), hard))
try:
    launcher.launch("onnx")
except OSError as error:
    print(error.strerror)
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
assert left() == before, (left(), before)
"""
"""In a process of its own, where no pool starts boxes at the same time."""


@pytest.mark.parametrize("spare", range(8))
def test_a_box_that_cannot_be_started_leaves_nothing(spare: int) -> None:
    """Descriptors run out at every step of the start, one after another."""
    command = [sys.executable, "-c", STARVED, str(spare)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "Too many open files"


def test_a_group_that_can_only_be_made_in_part_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / "memory").mkdir()
    with pytest.raises(FileNotFoundError):
        Hierarchy(1, tmp_path / "memory", tmp_path / "pids").create()
    assert list((tmp_path / "memory").iterdir()) == []
