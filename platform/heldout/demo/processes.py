"""The demo's child processes: started together, watched, and ended without leaving one."""

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
        self.logs.mkdir(parents=True, exist_ok=True)
        wrapper = [sys.executable, "-m", "heldout.demo.child", str(os.getpid())]
        with (self.logs / f"{name}.log").open("wb") as log:
            child = subprocess.Popen(  # noqa: S603 - commands are the supervisor's own
                [*wrapper, *command],
                env=dict(env),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.children[name] = child
        assert child.stdin  # noqa: S101 - a pipe was asked for
        with child.stdin:
            child.stdin.write(config.encode())

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
            self._reap(child, until)
        self.children.clear()

    @staticmethod
    def _reap(child: subprocess.Popen[bytes], until: float) -> None:
        try:
            child.wait(timeout=max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
