"""Child processes: started together, watched, and ended without leaving one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 8


class ChildEnded(Exception):
    """A child ended by itself."""

    def __init__(self, name: str, code: int, log: Path) -> None:
        super().__init__(f"{name} ended with exit code {code}; its last words are in {log}")


@dataclass
class Processes:
    """A group of children. Each has a process group of its own, so that Ctrl-C reaches only the parent."""

    logs: Path
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: list[str], env: Mapping[str, str], *, config: str = "") -> None:
        """Start COMMAND with its output in `logs/NAME.log`; `config` is its standard input."""
        wrapper = [sys.executable, "-m", "heldout.demo.child", str(os.getpid())]
        log = self.logs / f"{name}.log"
        log.unlink(missing_ok=True)
        self.children[name] = spawned([*wrapper, *command], env, log, config)

    def check(self) -> None:
        """Raise `ChildEnded` if a child is gone."""
        for name, child in self.children.items():
            code = child.poll()
            if code is not None:
                raise ChildEnded(name, code, self.logs / f"{name}.log")

    def stop(self) -> None:
        """End every child with what it started: politely, in reverse order, then for certain."""
        for child in reversed(self.children.values()):
            if child.poll() is None:
                child.terminate()
        until = time.monotonic() + STOP_SECONDS
        for child in reversed(self.children.values()):
            reap(child, until)
        self.children.clear()


def spawned(
    command: list[str], env: Mapping[str, str], log: Path, config: str = ""
) -> "subprocess.Popen[bytes]":
    """A process with a group of its own. It reads `config`; what it prints goes to the end of the log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as end:
        child = subprocess.Popen(  # noqa: S603 - commands are our own
            command,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=end,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    assert child.stdin  # noqa: S101 - a pipe was asked for
    with child.stdin:
        child.stdin.write(config.encode())
    return child


def reap(child: "subprocess.Popen[bytes]", until: float) -> None:
    """Wait for a child that was asked to end, not for ever; nothing that it started outlives it."""
    try:
        child.wait(timeout=max(0.1, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    end_group(child)


def end_group(child: "subprocess.Popen[bytes]") -> None:
    """End what a child that is gone has left behind."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
