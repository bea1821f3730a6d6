"""The parent of a worker's processes: starts them, starts them again, ends them, says when all are ready."""

import logging
import os
import select
import signal
import subprocess
import sys
import time
from typing import Literal, get_args

from challenges.manifest import Format
from scoring import settings, tethered
from scoring.formats.registry import BOXES, FORMATS
from scoring.sandbox.selftest import Requirement, requirements

logger = logging.getLogger(__name__)

Role = Literal["inspect", "score", "prepare"]

_LOOK_SECONDS = 0.2
_RESTART_SECONDS = 1.0
_PATIENCE_SECONDS = 10.0


def safe_formats() -> list[Format]:
    """The formats that this machine may serve; says what is missing for the others."""
    unsafe: set[Format] = set()
    for requirement in requirements():
        if not requirement.ok:
            unsafe |= _say_why_not(requirement)
    return [name for name in FORMATS if name not in unsafe]


def _say_why_not(missing: Requirement) -> set[Format]:
    """The formats that need a box of the kind that is not to be had, or of any kind."""
    formats = [name for name, kind in BOXES.items() if missing.kind in (kind, None)]
    logger.error(
        "%s will not be served here, since the sandbox cannot be enforced: %s: %s. To mend it: %s",
        " and ".join(formats) or f"what needs a box for {missing.kind}",
        missing.name,
        missing.found,
        missing.fix,
    )
    return set(formats)


class Child:
    """One process of the worker."""

    def __init__(self, role: Role, formats: list[Format]) -> None:
        self.role = role
        self.ready = False
        self._ready_fd, theirs = os.pipe()
        arguments = ["--role", role, "--formats", ",".join(formats), "--ready-fd", str(theirs)]
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            tethered.command([sys.executable, "-m", "scoring.worker", *arguments]),
            stdin=subprocess.DEVNULL,
            pass_fds=(theirs,),
            start_new_session=True,
        )
        os.close(theirs)

    def look(self) -> bool:
        """Whether the process runs; notes when it has said that it is ready."""
        if not self.ready and select.select([self._ready_fd], [], [], 0)[0]:
            self.ready = os.read(self._ready_fd, 1) == b"1"
        return self.process.poll() is None

    def close(self) -> None:
        """Wait for the end that was asked for, and insist after a while."""
        try:
            self.process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._ready_fd)


class Supervisor:
    """Keeps one child a role until a signal comes."""

    def __init__(self, formats: list[Format]) -> None:
        self._formats = formats
        self._stopping = False
        self._announced = False
        self._alive = settings.read().alive
        self._children: list[Child] = []

    def stop(self, *_: object) -> None:
        """End the loop soon; fit to be a signal handler."""
        self._stopping = True

    def run(self) -> None:
        """Start the children and watch them until `stop`."""
        self._children = [Child(role, self._formats) for role in get_args(Role)]
        try:
            while not self._stopping:
                self._children = [self._kept(child) for child in self._children]
                self._announce()
                self._say_alive()
                time.sleep(_LOOK_SECONDS)
        finally:
            for child in self._children:
                child.process.terminate()
            for child in self._children:
                child.close()

    def _kept(self, child: Child) -> Child:
        if child.look() or self._stopping:
            return child
        logger.error(
            "the process for %s ended with %s; starting it again", child.role, child.process.returncode
        )
        child.close()
        time.sleep(_RESTART_SECONDS)
        return Child(child.role, self._formats)

    def _announce(self) -> None:
        if self._announced or not all(child.ready for child in self._children):
            return
        self._announced = True
        print(f"worker {settings.read().name} is ready: {', '.join(self._formats)}", flush=True)

    def _say_alive(self) -> None:
        """All processes live and have been ready: `scoring.alive` looks at the file's time."""
        if self._alive is not None and all(child.ready for child in self._children):
            self._alive.touch()


def supervise(formats: list[Format]) -> int:
    """Be the supervisor until SIGTERM or SIGINT; the exit code."""
    supervisor = Supervisor(formats)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, supervisor.stop)
    supervisor.run()
    return 0
