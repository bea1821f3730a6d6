"""One box from start to end: what it leaves, what it says when it cannot start."""

import ast
import contextlib
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
from tests.scoring.formats.zips import zipped
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


def test_two_hundred_boxes_start_while_descriptor_numbers_rise() -> None:
    """Placing descriptors at fixed numbers once collided with those of the parent, in one box of ninety."""
    held: list[int] = []
    for _ in range(50):
        boxes = []
        for _ in range(4):
            held += [os.open(os.devnull, os.O_RDONLY) for _ in range(2)]
            boxes.append(Box("probe", launcher.launch("probe")))
        for box in boxes:
            box.wait_until_ready()
            box.close()
    for descriptor in held:
        os.close(descriptor)


ABANDONED = """
import os, signal, psutil
from scoring.sandbox import cgroups, launcher
from scoring.sandbox.box import Box

boxes = [Box(kind, launcher.launch(kind)) for kind in ("probe", "onnx")]
for box in boxes:
    box.wait_until_ready()
hierarchy = cgroups.find()
groups = [] if hierarchy is None else hierarchy.pids.glob(f"heldout-{os.getpid()}-*")
print(*(process.pid for process in psutil.Process().children(recursive=True)))
print(*groups, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def processes_in(group: str) -> str:
    """Nothing where another process on this machine has swept up the group already."""
    with contextlib.suppress(OSError):
        return Path(group, "cgroup.procs").read_text()
    return ""


def test_a_worker_that_is_killed_leaves_no_process_and_the_next_one_sweeps_up() -> None:
    done = subprocess.run([sys.executable, "-c", ABANDONED], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    pids, groups = ([*line.split()] for line in done.stdout.split("\n")[:2])
    assert len(pids) >= 6
    left = [psutil.Process(int(pid)) for pid in pids if psutil.pid_exists(int(pid))]
    _, left = psutil.wait_procs(left, timeout=20)
    assert [process for process in left if process.status() != "zombie"] == []
    assert "".join(processes_in(group) for group in groups) == ""
    subprocess.run([sys.executable, "-c", "from scoring.sandbox import cgroups; cgroups.find()"], check=True)
    assert not any(Path(group).exists() for group in groups)


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
        with pytest.raises(BoxFault, match="gone before its job"):
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


def test_a_box_whose_processor_time_ran_out_was_too_slow_and_did_not_crash() -> None:
    box = Box("code", launcher.launch("code"))
    late = "import signal\n\ndef load(folder):\n    signal.raise_signal(signal.SIGXCPU)\n\n" + PREDICT
    box.wait_until_ready()
    try:
        with pytest.raises(Ended) as caught:
            box.run(work(zipped(late)), lambda share: None)
    finally:
        box.close()
    assert caught.value.code == "timeout"
    assert caught.value.found == "no result after 22 seconds of processor time"


ABORTS = "import os\n\ndef load(folder):\n    os.abort()\n\n"
PREDICT = "def predict(batch):\n    return batch\n"


def test_a_box_that_is_ended_by_a_signal_says_which() -> None:
    box = Box("code", launcher.launch("code"))
    box.wait_until_ready()
    try:
        with pytest.raises(Ended) as caught:
            box.run(
                work(zipped("import os\n\ndef load(folder):\n    os.abort()\n\n" + PREDICT)), lambda s: None
            )
    finally:
        box.close()
    assert caught.value.code == "crashed"
    assert caught.value.found == "the run ended without a result (ended by SIGABRT)"


def test_a_box_sees_no_more_of_this_machine_than_its_kind_needs() -> None:
    """Neither what else is installed for the interpreter, nor all that lies in /usr/lib."""
    listing = """
    import os

    def load(folder):
        site = [f"/py/lib/python3.{minor}/site-packages" for minor in range(11, 20)]
        site = [path for path in site if os.path.isdir(path)]
        raise RuntimeError(repr([os.listdir(path) for path in site] + sorted(os.listdir("/usr"))))

    def predict(batch):
        return batch
    """
    box = Box("code", launcher.launch("code"))
    box.wait_until_ready()
    try:
        with pytest.raises(Ended) as caught:
            box.run(work(zipped(listing)), lambda share: None)
    finally:
        box.close()
    shown = ast.literal_eval(caught.value.found.removeprefix("RuntimeError: "))
    assert [part for part in shown if isinstance(part, list) and part] == []
    assert {part for part in shown if isinstance(part, str)} <= {"bin", "lib", "lib32", "lib64"}


def test_a_group_that_can_only_be_made_in_part_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / "memory").mkdir()
    with pytest.raises(FileNotFoundError):
        Hierarchy(1, tmp_path / "memory", tmp_path / "pids").create()
    assert list((tmp_path / "memory").iterdir()) == []
