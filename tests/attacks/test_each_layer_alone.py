"""Each wall of a box taken away in turn, so that it is known which other one holds then.

What only the two filters stop is told by `ONLY_THE_FILTERS`: each of them stops it alone. What only one wall
stops is told by `ONLY_THIS`. Everything else is held at least twice.
"""

import os
import socket
from collections.abc import Iterator

import numpy as np
import pytest

from challenges.manifest import Limits
from scoring.sandbox import cgroups, launcher
from scoring.sandbox.box import Box
from scoring.sandbox.launcher import Layers
from scoring.sandbox.work import Ended, Work
from tests.attacks.attempts import code_zip, outcomes
from tests.scoring.formats.zips import zipped
from tests.scoring.models import table_task

ROWS = np.zeros((3, 3), np.float32)
LIMITS = Limits(wall_seconds=60, memory_mb=256)
SECOND_NETWORK = ("pid", "ipc", "uts", "cgroup")
SECOND_PIDS = ("net", "ipc", "uts", "cgroup")

ATTEMPTS = """
import fcntl, resource
families = dict(inet=2, unix=1, vsock=40, packet=17)
for name, family in families.items():
    attempt(f"socket-{name}", lambda: socket.socket(family, 3 if family == 17 else 1).close())
def reach():
    with socket.socket() as outgoing:
        outgoing.settimeout(5)
        outgoing.connect(("127.0.0.1", PORT))
attempt("connect", reach)
def fork():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
attempt("fork", fork)
attempt("exec", lambda: call(59, b"/bin/sh", 0, 0))
attempt("signal", lambda: os.kill(WORKER, 0))
attempt("setsid", os.setsid)
attempt("symlink", lambda: os.symlink("/etc/passwd", "/tmp/link"))
attempt("fifo", lambda: os.mkfifo("/tmp/fifo"))
attempt("root", lambda: os.setresuid(0, 0, 0))
space = ctypes.create_string_buffer(128)
calls = dict(
    ptrace=(101, 0), add_key=(248, b"user", b"x", b"y", 1, -2), keyctl=(250, 0, -2, 1),
    mount=(165, b"none", b"/tmp", b"tmpfs", 0, 0), chroot=(161, b"/tmp"), io_uring=(425, 1, space),
    device=(133, b"/tmp/n", 0o20600, 259), bpf=(321, 0, space, 72),
    userfaultfd=(323, 1), perf=(298, space, 0, -1, -1, 0),
    memfd=(319, b"x", 0), personality=(135, -1), shmget=(29, 0, 4096, 0o1600), pidfd=(434, os.getpid(), 0),
    hostname=(170, b"x", 1), reboot=(169, 0, 0, 0, 0), module=(175, 0, 0, b""), handle=(304, -1, space, 0),
    filter=(317, 2, 0, ctypes.byref(ctypes.c_int(0x7FFF0000))),
)
for name, arguments in calls.items():
    attempt(name, lambda: call(*arguments))
attempt("terminal", lambda: fcntl.ioctl(0, 0x5412, b"x"))
attempt("limit", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (9999, 9999)))
attempt("library", lambda: open("/sp/numpy/evil.py", "w"))
attempt("etc", lambda: os.stat("/etc/passwd"))
attempt("network", lambda: call(272, 0x40000000))
attempt("user", lambda: call(272, 0x10000000))
"""
"""The last gives every capability in a new namespace where it works, so it is the last."""

ONLY_THE_FILTERS = {
    *("socket-inet", "socket-unix", "socket-vsock", "fork", "setsid", "symlink", "fifo", "ptrace", "add_key"),
    *("keyctl", "io_uring", "userfaultfd", "memfd", "personality", "shmget", "pidfd", "filter", "user"),
}
"""What works once both filters are gone: most of it harms the box alone, all of it is kernel surface."""

ONLY_THIS = {
    "the second filter": {"fork", "symlink", "filter"},
    "the resource limits": {"limit"},
}
"""What works once this one wall is gone. The first filter must let a box start, so that processes, links and
a further filter are the second's alone; a child is then held by the limits and dies with the box, and a link
leads to nothing that the box does not see anyhow."""

WITHOUT = {
    "nothing": Layers(),
    "the first filter": Layers(first_filter=False),
    "the second filter": Layers(second_filter=False),
    "both filters": Layers(first_filter=False, second_filter=False),
    "the control group": Layers(control_group=False),
    "the resource limits": Layers(resource_limits=False),
    "the network namespace": Layers(namespaces=SECOND_NETWORK),
    "the pid namespace": Layers(namespaces=SECOND_PIDS),
    "both filters and the network namespace": Layers(
        first_filter=False, second_filter=False, namespaces=SECOND_NETWORK
    ),
}


@pytest.fixture
def port() -> Iterator[int]:
    """A service of this machine that a box must not reach."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def ended(content: bytes, layers: Layers, limits: Limits = LIMITS) -> Ended:
    """How a zip of code ends in a box of such walls, of which nothing is left then."""
    box = Box("code", launcher.launch("code", layers=layers))
    try:
        box.wait_until_ready()
        with pytest.raises(Ended) as caught:
            box.run(Work(content, limits, table_task(), ROWS), lambda share: None)
    finally:
        box.close()
    return caught.value


def tried(layers: Layers, port: int) -> dict[str, str]:
    """What each attempt came to."""
    code = ATTEMPTS.replace("WORKER", str(os.getpid())).replace("PORT", str(port))
    return dict(line.split("=", 1) for line in outcomes(ended(code_zip(code), layers).found))


def done(told: dict[str, str]) -> set[str]:
    """The attempts that worked."""
    return {name for name, outcome in told.items() if outcome.startswith("DONE")}


@pytest.mark.parametrize("without", WITHOUT)
def test_without_one_wall_another_holds_but_for_what_we_know(without: str, port: int) -> None:
    told = tried(WITHOUT[without], port)
    assert len(told) == 37
    if without.startswith("both filters"):
        reached = {"connect"} if "network" in without else set()
        assert done(told) - {"io_uring", "userfaultfd", "network"} <= ONLY_THE_FILTERS | reached
        assert reached <= done(told)
    else:
        assert done(told) == ONLY_THIS.get(without, set())


def test_the_filters_refuse_before_anything_else_is_asked(port: int) -> None:
    told = tried(Layers(), port)
    others = {told.pop(name) for name in ("terminal", "limit", "library", "etc")}
    assert others == {"ENOSYS", "ValueError", "EROFS", "ENOENT"}
    assert set(told.values()) == {"EPERM"}


def test_without_filters_the_namespaces_still_hold(port: int) -> None:
    """No machine to be seen, no process but its own, no right over either."""
    told = tried(WITHOUT["both filters"], port)
    assert {told[name] for name in ("mount", "chroot", "device", "hostname", "reboot")} == {"EPERM"}
    assert told["root"] in ("EPERM", "EINVAL")
    assert told["connect"] in ("ECONNREFUSED", "ENETUNREACH")
    assert told["signal"] == "ESRCH"
    assert told["exec"] == told["etc"] == "ENOENT"
    assert told["library"] == "EROFS"


MEMORY = """
def load(folder):
    held = []
    while True:
        held.append(bytearray(b"x") * (1 << 24))

def predict(batch):
    return batch
"""


@pytest.mark.parametrize(
    "layers",
    [Layers(), Layers(control_group=False), Layers(control_group=False, resource_limits=False)],
    ids=["a control group", "the address space", "the watcher"],
)
def test_memory_is_held_by_each_of_its_three_limits(layers: Layers) -> None:
    assert ended(zipped(MEMORY), layers).code == "out_of_memory"


THREADS = """
import threading, time
threading.stack_size(65536)
started = []
def many():
    for number in range(500):
        thread = threading.Thread(target=time.sleep, args=(60,), daemon=True)
        thread.start()
        started.append(thread)
attempt("threads", many)
attempt("fewer", lambda: len(started) < 60)
"""

CHILDREN = """
import time
started = []
def many():
    for number in range(500):
        pid = os.fork()
        if pid == 0:
            time.sleep(60)
            os._exit(0)
        started.append(pid)
attempt("children", many)
attempt("fewer", lambda: len(started) < 60)
"""


@pytest.mark.parametrize("counted_by", ["the control group", "the resource limits"])
def test_threads_and_processes_are_counted_by_each_of_two_limits(counted_by: str) -> None:
    group = counted_by == "the control group" and cgroups.find() is not None
    layers = Layers(control_group=group, resource_limits=not group)
    assert outcomes(ended(code_zip(THREADS), layers).found) == ["threads=RuntimeError", "fewer=DONE:True"]
    open_ = Layers(second_filter=False, control_group=group, resource_limits=not group)
    roomy = Limits(wall_seconds=60, memory_mb=4096)
    assert outcomes(ended(code_zip(CHILDREN), open_, roomy).found) == ["children=EAGAIN", "fewer=DONE:True"]


def test_files_are_counted_and_memory_counts_them_too() -> None:
    """In a group by the kernel; without one by what the file system says."""
    fill = """
    def load(folder):
        number = 0
        while True:
            open(f"/tmp/{number}", "w").close()
            number += 1

    def predict(batch):
        return batch
    """
    for layers in (Layers(), Layers(control_group=False)):
        verdict = ended(zipped(fill), layers)
        assert verdict.code == "too_large"
        assert "files in /tmp" in verdict.found
