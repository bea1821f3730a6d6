"""Attacks by code that a pickle runs in the box, and the verdict that each must get."""

import pytest

from challenges.manifest import Limits
from scoring.job import VerdictCode
from tests.attacks.attempts import outcomes, script
from tests.attacks.conftest import CANARY
from tests.scoring.fixtures import Score
from tests.scoring.models import pickled

QUICK = Limits(wall_seconds=2, memory_mb=256)

PATIENT = Limits(wall_seconds=60, memory_mb=256)
"""For what ends by itself, on a busy machine as well."""


def told(score: Score, code: str) -> list[str]:
    """What the attempts came to: name=ERROR, or name=DONE:result."""
    evaluation = score(pickled(script(code)), limits=Limits(wall_seconds=15, memory_mb=512))
    assert CANARY not in evaluation.model_dump_json()
    verdict = evaluation.verdict
    assert verdict is not None
    assert verdict.code == "crashed"
    return outcomes(verdict.found)


def test_no_socket_of_any_family_can_be_made(score: Score) -> None:
    found = told(
        score,
        """
        for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, 40):
            attempt(f"socket-{family}", lambda: socket.socket(family))
        attempt("pair", socket.socketpair)
        """,
    )
    assert len(found) == 6
    assert {entry.split("=")[1] for entry in found} == {"EPERM"}


def test_no_program_and_no_process_can_be_started(score: Score) -> None:
    found = told(
        score,
        """
        import subprocess
        attempt("fork", os.fork)
        attempt("exec", lambda: os.execv("/bin/sh", ["sh"]))
        attempt("system", lambda: os.system("true") and 1 / 0)
        attempt("popen", lambda: subprocess.run(["/bin/true"]))
        attempt("vfork", lambda: call(58))
        attempt("clone", lambda: call(56, signal.SIGCHLD, 0, 0, 0, 0))
        attempt("clone-new-user", lambda: call(56, 0x10000000 | 0x00010000, 0, 0, 0, 0))
        attempt("clone3", lambda: call(435, ctypes.create_string_buffer(88), 88))
        attempt("kill-all", lambda: os.kill(-1, 9))
        """,
    )
    results = dict(entry.split("=") for entry in found)
    assert results.pop("clone3") == results.pop("clone-new-user") == "ENOSYS"
    assert results.pop("system") == "ZeroDivisionError"
    assert set(results.values()) == {"EPERM"}


def test_nothing_of_the_machine_can_be_read(score: Score) -> None:
    found = told(
        score,
        """
        for path in ("/etc/passwd", "/root", "/home", "/srv", "/proc/1", "/proc/self", "/sys", "/var"):
            attempt(path, lambda: os.stat(path))
        attempt("variables", lambda: sorted(os.environ))
        attempt("top", lambda: sorted(os.listdir("/")))
        """,
    )
    assert len([entry for entry in found if entry.endswith("=ENOENT")]) == 8
    assert "HELDOUT" not in str(found)
    assert "canary" not in str(found)


def test_the_whole_visible_tree_holds_no_secret_and_no_label(score: Score) -> None:
    found = told(
        score,
        """
        names = []
        for folder, folders, files in os.walk("/"):
            if folder.startswith(("/usr", "/lib", "/py", "/sp", "/dev")):
                folders.clear()
                continue
            names += [os.path.join(folder, name) for name in files]
        attempt("ours", lambda: len(names) > 10)
        attempt("others", lambda: [name for name in names if not name.endswith((".py", ".pyc"))])
        """,
    )
    assert found == ["ours=DONE:True", "others=DONE:[]"]


def test_the_kernels_dangerous_calls_are_refused(score: Score) -> None:
    found = told(
        score,
        """
        calls = dict(ptrace=101, process_vm_readv=310, keyctl=250, add_key=248, io_uring_setup=425, bpf=321,
                     userfaultfd=323, perf_event_open=298, memfd_create=319, pidfd_open=434, unshare=272,
                     setns=308, mount=165, pivot_root=155, chroot=161, open_by_handle_at=304, mknod=133,
                     seccomp=317, kexec_load=246, init_module=175, setuid=105, personality=135, shmget=29)
        for name, number in calls.items():
            attempt(name, lambda: call(number, 0, 0, 0, 0, 0))
        """,
    )
    assert len(found) == 23
    assert {entry.split("=")[1] for entry in found} == {"EPERM"}


def test_limits_cannot_be_raised_and_rights_not_regained(score: Score) -> None:
    found = told(
        score,
        """
        import resource
        attempt("files", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (9999, 9999)))
        attempt("processes", lambda: resource.setrlimit(resource.RLIMIT_NPROC, (9999, 9999)))
        attempt("root", lambda: os.setresuid(0, 0, 0))
        attempt("dumpable", lambda: libc.prctl(4, 1, 0, 0, 0) or os.stat("/proc"))
        attempt("uid", os.getuid)
        """,
    )
    assert found[0] == "files=ValueError"
    assert found[1] == "processes=ValueError"
    assert found[2] == "root=EPERM"
    assert found[3] == "dumpable=ENOENT"
    assert found[4] != "uid=DONE:0"


def test_no_file_can_be_written_and_descriptors_are_bounded(score: Score) -> None:
    found = told(
        score,
        """
        def fill(folder, size=1 << 20):
            for number in range(400):
                with open(f"{folder}/{number}", "wb") as file:
                    file.write(bytes(size))
        attempt("tmp", lambda: fill("/tmp"))
        attempt("shm", lambda: fill("/dev/shm"))
        attempt("usr", lambda: fill("/usr/lib"))
        attempt("sp", lambda: fill("/sp"))
        attempt("root", lambda: fill("/"))
        attempt("dev", lambda: fill("/dev"))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        attempt("symlink", lambda: os.symlink("/etc/passwd", "/tmp/link"))
        attempt("fifo", lambda: os.mkfifo("/tmp/fifo"))
        held = []
        def keep():
            while True:
                held.append(os.open("/dev/null", os.O_RDONLY))
        attempt("descriptors", keep)
        for fd in held:
            os.close(fd)
        """,
    )
    assert found.pop() == "descriptors=EMFILE"
    assert {entry.split("=")[1] for entry in found} == {"EPERM"}


def test_threads_are_bounded(score: Score) -> None:
    found = told(
        score,
        """
        import threading, time
        threading.stack_size(65536)
        started = []
        def many():
            for number in range(500):
                thread = threading.Thread(target=time.sleep, args=(30,), daemon=True)
                thread.start()
                started.append(thread)
        attempt("threads", many)
        attempt("fewer", lambda: len(started) < 100)
        """,
    )
    assert found == ["threads=RuntimeError", "fewer=DONE:True"]


def test_the_inputs_cannot_be_changed(score: Score) -> None:
    """The memory files are sealed, and another attempt never shares them."""
    found = told(
        score,
        """
        import stat
        for fd in range(3, 30):
            try:
                regular = stat.S_ISREG(os.fstat(fd).st_mode)
            except OSError:
                continue
            if regular:
                attempt("write", lambda: os.pwrite(fd, b"x", 0))
                attempt("shrink", lambda: os.ftruncate(fd, 0))
        """,
    )
    assert found
    assert {entry.split("=")[1] for entry in found} == {"EPERM"}


VERDICTS: list[tuple[str, str, VerdictCode]] = [
    ("an endless loop", "while True: pass", "timeout"),
    (
        "a loop that ignores every signal",
        "import signal\nfor n in (1, 2, 3, 15, 24): signal.signal(n, signal.SIG_IGN)\nwhile True: pass",
        "timeout",
    ),
    ("an end by its processor time", "import signal; signal.raise_signal(signal.SIGXCPU)", "timeout"),
    ("a stop of itself", "import signal; signal.raise_signal(signal.SIGSTOP)", "timeout"),
    ("a hold of the interpreter", "import re; re.match('(a+)+$', 'a' * 60 + 'b')", "timeout"),
    ("memory by the gigabyte", "held = []\nwhile True: held.append(bytearray(1 << 26))", "out_of_memory"),
    ("an early exit", "import os; os._exit(0)", "crashed"),
    ("a crash of the interpreter", "import ctypes; ctypes.string_at(0)", "crashed"),
    ("a fork bomb", "import os\nwhile True: os.fork()", "crashed"),
    ("an exit by exception", "raise SystemExit(0)", "crashed"),
    ("endless recursion", "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()", "out_of_memory"),
]


@pytest.mark.parametrize(
    ("code", "verdict"), [case[1:] for case in VERDICTS], ids=[case[0] for case in VERDICTS]
)
def test_a_run_that_gives_nothing_gets_its_verdict(score: Score, code: str, verdict: VerdictCode) -> None:
    evaluation = score(pickled(code), limits=QUICK if verdict == "timeout" else PATIENT)
    assert evaluation.scores == []
    assert evaluation.verdict is not None
    assert evaluation.verdict.code == verdict


def test_a_flood_of_output_is_cut(score: Score) -> None:
    code = "import os\nfor _ in range(2000): os.write(1, b'x' * 65536)\nraise RuntimeError('flooded')"
    evaluation = score(pickled(code))
    assert evaluation.verdict is not None
    assert evaluation.verdict.code == "crashed"
    assert "flooded" in evaluation.verdict.found
    assert len(evaluation.model_dump_json()) < 20_000


def test_control_characters_in_errors_are_escaped(score: Score) -> None:
    code = "raise RuntimeError('\\x1b[2J\\x00\\u202egnp.exe\\u200b\\x9b')"
    evaluation = score(pickled(code))
    assert evaluation.verdict is not None
    text = evaluation.verdict.found + evaluation.verdict.excerpt + evaluation.log_excerpt
    assert not set("\x1b\x00\u202e\u200b\x9b") & set(text)
    assert "\\x1b" in text
    assert "\\u202e" in text
