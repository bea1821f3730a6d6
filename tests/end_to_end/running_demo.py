"""The demo as a person starts it: `heldout demo` in a folder of its own, until Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from heldout.demo.machine import free_port

HELDOUT = Path(sys.executable).parent / "heldout"
START_SECONDS = 1200
CHOSEN = ("--only", "first-steps", "--only", "numbers-too")
"""The other challenges are prepared by tests of their own; here they would take minutes."""
LOG_IN = re.compile(
    r"^\s+(?P<role>\w+)\s+(?P<email>\S+@demo\.example)\s+(?P<password>\S+)\s+(?P<name>\w+)", re.M
)
OURS = ("DJANGO_SETTINGS_MODULE", "HELDOUT_REDIS_URL", "HELDOUT_BROKER_URL", "HELDOUT_DATABASE_URL",
        "HELDOUT_SECRET_KEY", "HELDOUT_MAIL_URL", "HELDOUT_BLOBS", "HELDOUT_TEST_POSTGRES")  # fmt: skip


@dataclass(frozen=True)
class Person:
    email: str
    password: str


@dataclass
class RunningDemo:
    """A demo that is up, with the log-ins that it printed, by the person's first name."""

    process: "subprocess.Popen[str]"
    address: str
    var: Path
    people: dict[str, Person]
    printed: str

    def descendants(self) -> list[int]:
        """The process ids of everything the demo has started, and of what that has started."""
        parents = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents[int(stat.parent.name)] = int(fields[1])
        found, wanted = [], {self.process.pid}
        while wanted:
            wanted = {pid for pid, parent in parents.items() if parent in wanted}
            found += sorted(wanted)
        return found

    def interrupt(self) -> int:
        """Press Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=240)


def environment(var: Path) -> dict[str, str]:
    """The surroundings of a person's terminal: nothing of the test run's own servers."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return {**kept, "HELDOUT_VAR": str(var), "COLUMNS": "120"}


def wait_until_printed(process: "subprocess.Popen[str]", log: Path, text: str) -> str:
    """What the demo has printed by the time that `text` is in it."""
    until = time.monotonic() + START_SECONDS
    while text not in log.read_text():
        assert process.poll() is None, f"the demo ended:\n{log.read_text()}"
        assert time.monotonic() < until, f"the demo is not up:\n{log.read_text()}"
        time.sleep(0.2)
    return log.read_text()


@contextmanager
def running_demo(var: Path) -> Iterator[RunningDemo]:
    """Start the demo on `var` and a free port; end it however the test ends."""
    port = free_port()
    log = var.parent / f"{var.name}-{port}.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(HELDOUT), "demo", "--port", str(port), *CHOSEN],
            env=environment(var),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        printed = wait_until_printed(process, log, "Ctrl-C ends everything")
        people = {m["name"]: Person(m["email"], m["password"]) for m in LOG_IN.finditer(printed)}
        yield RunningDemo(process, f"http://127.0.0.1:{port}", var, people, printed)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=60)
