"""Attacks by code in a zip: the freest of all formats, with threads and a disk of its own."""

import textwrap
from pathlib import Path

import numpy as np
import pytest

from challenges.manifest import Limits
from scoring.job import VerdictCode
from scoring.sandbox.pool import Pool
from scoring.sandbox.work import Work
from tests.attacks.attempts import code_zip, outcomes
from tests.attacks.conftest import CANARY
from tests.scoring.fixtures import Score
from tests.scoring.formats.zips import zipped
from tests.scoring.models import table_splits, table_task

QUICK = Limits(wall_seconds=2, memory_mb=256)
PATIENT = Limits(wall_seconds=60, memory_mb=256)


def told(score: Score, code: str) -> list[str]:
    """What the attempts came to: name=ERROR, or name=DONE:result."""
    evaluation = score(code_zip(code), limits=Limits(wall_seconds=60, memory_mb=700))
    assert CANARY not in evaluation.model_dump_json()
    assert evaluation.verdict is not None
    return outcomes(evaluation.verdict.found)


def test_every_disk_is_bounded(score: Score) -> None:
    found = told(
        score,
        """
        def fill(folder, size=1 << 20):
            for number in range(400):
                with open(f"{folder}/{number}", "wb") as file:
                    file.write(bytes(size))
        for folder in ("/tmp", "/dev/shm", "/usr/lib", "/sp", "/py", "/app", "/", "/dev"):
            attempt(folder, lambda: fill(folder))
        """,
    )
    results = dict(line.split("=") for line in found)
    assert results.pop("/tmp") == "ENOSPC"  # noqa: S108
    assert results.pop("/dev/shm") in ("ENOSPC", "EACCES")  # noqa: S108
    assert set(results.values()) <= {"EROFS", "ENOENT"}


def test_what_is_left_in_tmp_is_gone_for_the_next_one(score: Score) -> None:
    left = """
    attempt('write', lambda: open('/tmp/left', 'w').write('x'))
    attempt('home', lambda: os.makedirs(os.path.expanduser('~/.cache/left')))
    """
    assert told(score, left) == ["write=DONE:1", "home=DONE:None"]
    listed = "attempt('list', lambda: sorted(os.listdir('/tmp')))"
    assert told(score, listed) == ["list=DONE:['submission']"]


def test_links_devices_pipes_and_sockets_cannot_be_made(score: Score) -> None:
    """Nobody outside reads a file of a box; they are refused all the same."""
    found = told(
        score,
        """
        open("/tmp/file", "w").close()
        attempt("symlink", lambda: os.symlink("/etc/passwd", "/tmp/a"))
        attempt("hardlink", lambda: os.link("/tmp/file", "/tmp/b"))
        attempt("pipe", lambda: os.mkfifo("/tmp/c"))
        attempt("device", lambda: os.mknod("/tmp/d", 0o20666, os.makedev(1, 1)))
        attempt("setuid", lambda: os.chmod("/tmp/file", 0o4755))
        """,
    )
    assert {line.split("=")[1] for line in found} == {"EPERM"}


def test_the_terminal_and_the_kernels_memory_are_out_of_reach(score: Score) -> None:
    found = told(
        score,
        """
        import fcntl
        attempt("type", lambda: fcntl.ioctl(0, 0x5412, b"x"))
        attempt("tty", lambda: open("/dev/tty"))
        for path in ("/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/kvm", "/dev/fuse", "/dev/net/tun"):
            attempt(path, lambda: open(path))
        """,
    )
    results = dict(line.split("=") for line in found)
    assert results.pop("type") == "ENOSYS"
    assert results.pop("tty") in ("ENXIO", "EACCES", "ENOENT")
    assert set(results.values()) == {"ENOENT"}


def test_no_process_outlives_or_leaves_the_box(score: Score) -> None:
    found = told(
        score,
        """
        attempt("daemon", lambda: os.fork() and 1)
        attempt("session", os.setsid)
        attempt("group", lambda: os.setpgid(0, 0))
        attempt("everyone", lambda: os.kill(-1, signal.SIGKILL))
        attempt("init", lambda: os.kill(1, signal.SIGKILL))
        attempt("fatherless", lambda: libc.prctl(36, 1, 0, 0, 0))
        attempt("spawn", lambda: os.posix_spawn("/py/bin/python3", ["x"], {}))
        """,
    )
    results = dict(line.split("=", 1) for line in found)
    assert results.pop("fatherless") == "DONE:0"
    assert set(results.values()) == {"EPERM"}


def test_a_library_of_ones_own_gets_no_further_than_the_kernel_lets_it(score: Score) -> None:
    """Native code may run. Here the C library itself is loaded from where the submission was unpacked."""
    maps = Path("/proc/self/maps").read_text().splitlines()
    path = next(Path(line.split()[-1]) for line in maps if "/libc.so" in line or "/libc-" in line)
    model = """
    import ctypes, os
    def load(folder):
        mine = ctypes.CDLL(folder + "/mine.so", use_errno=True)
        calls = {name: mine[name](*arguments) for name, arguments in
                 dict(socket=(2, 1, 0), fork=(), system=(b"true",), unshare=(0x10000000,)).items()}
        raise RuntimeError(" ".join(f"{name}={result}" for name, result in calls.items()))
    def predict(batch):
        return batch
    """
    verdict = score(zipped(model, {"mine.so": path.read_bytes()}), limits=PATIENT).verdict
    assert verdict is not None
    assert set(outcomes(verdict.found)) < {"socket=-1", "fork=-1", "system=-1", "system=32512", "unshare=-1"}


VERDICTS: list[tuple[str, str, set[VerdictCode]]] = [
    ("a call of another ABI", "ctypes.CDLL(None).syscall(0x40000000 + 39)", {"crashed"}),
    ("folders without end", "n = 0\nwhile True:\n    os.mkdir(f'/tmp/{n}'); n += 1", {"too_large"}),
    ("files without end", "n = 0\nwhile True:\n    open(f'/tmp/{n}', 'w').close(); n += 1", {"too_large"}),
    ("memory in a file", "open('/tmp/x', 'wb').write(bytes(300 << 20))", {"out_of_memory"}),
    ("threads that all compute", "import hashlib, threading\ndef work():\n    hashlib.scrypt(b'', salt=b'',"
     " n=2**12, r=8, p=5000, maxmem=2**28)\n"
     "for _ in range(12): threading.Thread(target=work).start()\nwork()", {"timeout"}),
    ("an end by its processor time", "signal.raise_signal(signal.SIGXCPU)", {"timeout"}),
    ("a stack without end", "import threading\nthreading.stack_size(2**30)\n"
     "for _ in range(9): threading.Thread(target=lambda: bytearray(2**26)).start()\nraise SystemExit",
     {"crashed"}),
    ("a million handlers", "import atexit\nfor n in range(10**6): atexit.register(print, n)\nos.abort()",
     {"crashed"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "codes"), [case[1:] for case in VERDICTS], ids=[case[0] for case in VERDICTS]
)
def test_code_that_gives_nothing_gets_its_verdict(score: Score, code: str, codes: set[VerdictCode]) -> None:
    body = textwrap.indent(code, "    ")
    model = f"import ctypes, os, signal\ndef load(folder):\n{body}\ndef predict(batch):\n    return batch\n"
    evaluation = score(zipped(model), limits=QUICK if "timeout" in codes else PATIENT)
    assert evaluation.scores == []
    assert evaluation.verdict is not None
    assert evaluation.verdict.code in codes, evaluation.verdict


SILENT = "def load(folder):\n    pass\n"
REPLACED: list[tuple[str, str]] = [
    ("numpy", "import numpy as np\nnp.asarray = np.array = np.concatenate = lambda *a, **k: 0 / 0\n"),
    ("the frames", "import sys\nsys.modules['inside.frames'].send = lambda *a, **k: None\n"),
    ("json", "import json\njson.dumps = lambda *a, **k: 'null'\n"),
    ("the end", "import os\nos._exit = lambda code: None\nraise KeyboardInterrupt\n"),
]


@pytest.mark.parametrize("code", [case[1] for case in REPLACED], ids=[case[0] for case in REPLACED])
def test_replacing_what_the_box_is_made_of_spoils_ones_own_run_alone(score: Score, code: str) -> None:
    evaluation = score(zipped(code + SILENT + "def predict(batch):\n    return 'no'\n"), limits=QUICK)
    assert evaluation.scores == []
    assert evaluation.verdict is not None
    assert evaluation.verdict.fault == "submission"


HUNT = """
import gc, os, sys

def gathered():
    yield repr(dict(os.environ)).encode()
    yield repr(sys.argv).encode()
    yield repr(sys.orig_argv).encode()
    for folder, folders, files in os.walk("/"):
        if folder.startswith(("/usr", "/lib", "/py", "/sp", "/dev")):
            folders.clear()
            continue
        for name in files:
            yield name.encode()
            yield open(os.path.join(folder, name), "rb").read()
    for descriptor in range(64):
        try:
            yield os.pread(descriptor, 1 << 20, 0)
        except OSError:
            pass
    yield repr([text for text in gc.get_objects() if isinstance(text, (str, dict, list))]).encode()

def load(folder):
    global found
    found = b"".join(gathered())[:1200000]
    os.write(1, found[:60000])

def predict(batch):
    global found
    import numpy as np
    size = len(batch) * 12
    piece, found = found[:size], found[size:]
    return np.frombuffer(piece.ljust(size), "<f4").reshape(len(batch), 3)
"""


def test_a_secret_of_the_worker_is_in_no_byte_that_a_box_returns(pool: Pool, tmp_path: Path) -> None:
    """Not in its predictions, of which there are enough for all that it finds, nor in its log."""
    labels = tmp_path / "hidden-truth.csv"
    labels.write_text(f"id,label\n1,{CANARY}\n")
    rows = np.zeros((100_000, 3), np.float32)
    with labels.open("rb"):
        outcome = pool.run("code", Work(zipped(HUNT), PATIENT, table_task(), rows), lambda share: None)
    returned = outcome.predictions.tobytes() + outcome.log.encode() + outcome.facts
    assert b"PYTHONPATH" in returned
    assert b"def receive_job" in returned
    assert CANARY.encode() not in returned
    for secret in (b"HELDOUT", b"hidden-truth", *map(str.encode, map(str, table_splits()["private"].ids))):
        assert secret not in outcome.predictions.tobytes() + outcome.log.encode()
