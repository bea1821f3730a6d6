"""One running box: hand over a job, receive what it sends, end it.

Whatever comes from a box is the attacker's: lengths are bounded before they are read, predictions
are counted bytes, facts are JSON that the caller validates, texts are stripped of control
characters. Time is measured here, and nothing is ever unpickled.
"""

import array
import contextlib
import fcntl
import json
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from pydantic import ValidationError

from challenges.manifest import Limits
from challenges.task import Task
from scoring.sandbox import launcher, policy
from scoring.sandbox.inside import frames
from scoring.sandbox.policy import BoxKind
from scoring.sandbox.timing import PATIENCE_SECONDS, measure
from scoring.sandbox.watcher import LOOK_SECONDS, MemoryWatcher, Scratch
from scoring.sandbox.work import BoxFault, Ended, ErrorBody, Outcome, Work, printable

_MOST_FACTS = 1 << 20
_MOST_ERROR = 1 << 16
_MOST_LOG = 1 << 16
_EXCERPT_CHARACTERS = 4000
_LOG_READS = 16
"""Reads of the log pipe at a time: a box that never stops printing must not keep us from the clock."""
_KILLED = 128
"""What bubblewrap adds to a signal's number when that ended what it ran."""
_SIGNALS = {_KILLED + number: f"ended by {number.name}" for number in signal.Signals}
_RESOURCES = ("cpu_seconds", "file_bytes", "open_files", "processes", "address_space")
_NO_LIMIT = 2**40
_OWN_FILES = 16
"""Folders that are there from the start, and what libraries may leave in them while they are imported."""
_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


@contextmanager
def _sealed(name: str, content: bytes | memoryview) -> Iterator[int]:
    """A memory file that nobody can change any more."""
    fd = os.memfd_create(name, os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(fd, rest) :]
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)
        yield fd
    finally:
        os.close(fd)


def _told(task: Task) -> dict[str, Any]:
    """What a loader is told of the task: what its predictions must look like."""
    return {
        "kind": task.kind,
        "classes": task.classes,
        "output_shape": task.output_shape,
        "output_dtype": task.output_dtype,
    }


class Box:
    """A sandboxed process that serves one job. Use `run` once, then `close`."""

    def __init__(self, kind: BoxKind, launched: launcher.Launched, gpu: bool = False) -> None:
        self.kind = kind
        self.born = time.monotonic()
        self._gpu = gpu
        self._process = launched.process
        self._control = launched.control
        self._log_fd = launched.log
        self._group = launched.group
        self._log = bytearray()
        self._deadline = 0.0
        self._limited = launched.limited
        self._watcher: MemoryWatcher | None = None
        self._scratch = Scratch()
        self._next_look = 0.0
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._control, selectors.EVENT_READ)
        os.set_blocking(self._log_fd, False)
        self._selector.register(self._log_fd, selectors.EVENT_READ)

    @property
    def alive(self) -> bool:
        """Whether the box's process runs."""
        return self._process.poll() is None

    @property
    def stale(self) -> bool:
        """Whether the box waited for so long that its libraries may have been upgraded since."""
        return time.monotonic() - self.born > policy.STALE_SECONDS

    @property
    def pid(self) -> int:
        """Process id of bubblewrap, the outermost process of the box."""
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Wait for imports and dummy run. Raises `BoxFault` with what the box printed."""
        self._deadline = time.monotonic() + policy.START_SECONDS
        try:
            kind, length = self._ready()
        except (frames.BadFrame, TimeoutError, OSError) as error:
            raise BoxFault(f"a box for {self.kind} did not start ({error}): {self.log.strip()}") from error
        if (kind, length) != (frames.READY, 0):
            raise BoxFault(f"a box for {self.kind} began with the frame {kind!r}")
        self._drain_log()
        self._log.clear()

    def _ready(self) -> tuple[bytes, int]:
        """The box's first frame, which alone brings descriptors: nothing of a submission is in it yet."""
        while not self._spoken_within(self._left()):
            self._drain_log()
        header, descriptors, _, _ = socket.recv_fds(self._control, frames.HEADER.size, 2)
        self._scratch = Scratch(descriptors)
        if len(header) != frames.HEADER.size:
            raise frames.BadFrame("it ended early")
        kind, length = frames.HEADER.unpack(header)
        return kind, length

    @property
    def log(self) -> str:
        """What the box printed, bounded and printable."""
        self._drain_log()
        text = self._log.decode(errors="replace")
        return printable(text[-_EXCERPT_CHARACTERS:])

    def run(self, work: Work, on_rows: Callable[[float], None]) -> Outcome:
        """Hand over the job and receive its outcome; `on_rows` hears the share of rows received.

        Raises `Ended` when the submission is at fault, `BoxFault` when we are.
        """
        # What ran inside outlives its bubblewrap by moments, and could still answer: nobody would hold it.
        if not self.alive:
            raise BoxFault(f"a box for {self.kind} was gone before its job: {self.log.strip() or 'no word'}")
        self._hold(work.limits)
        self._deadline = time.monotonic() + work.limits.wall_seconds
        try:
            self._hand_over(work)
        except OSError as error:
            raise BoxFault(f"a box for {self.kind} was gone before its job: {error}") from error
        try:
            outcome = self._receive(work, on_rows)
        except TimeoutError as error:
            found = f"no result after {work.limits.wall_seconds:g} seconds"
            raise Ended("timeout", found, self.log) from error
        except (frames.BadFrame, OSError) as error:
            raise self._why_ended(work.limits, error) from error
        return self._timed(outcome) if work.timed else outcome

    def _timed(self, outcome: Outcome) -> Outcome:
        """The outcome with the model's latency. The predictions are in: nothing here can spoil them."""
        started = time.monotonic()
        self._deadline = min(self._deadline, started + PATIENCE_SECONDS)
        timing = measure(self._ask)
        return replace(outcome, timing=timing, timing_seconds=time.monotonic() - started)

    def _ask(self, subject: bytes, times: int) -> float | None:
        """Seconds that the box took to run something so often; None when it did not by the deadline."""
        started = time.monotonic()
        if self._spoke_unasked():
            return None
        try:
            self._control.settimeout(self._left())
            self._control.sendall(frames.HEADER.pack(frames.TIME, frames.TIMING.size))
            self._control.sendall(frames.TIMING.pack(subject, times))
            self._body(frames.TICK, 0)
        except (Ended, frames.BadFrame, OSError):
            return None
        return time.monotonic() - started

    def _spoke_unasked(self) -> bool:
        """Whether something came that nobody asked for, as ticks that would make a model look quick."""
        return self._spoken_within(0)

    def _spoken_within(self, seconds: float) -> bool:
        """Whether something is to be received, or comes by then; False as well once something is printed."""
        return any(key.fd != self._log_fd for key, _ in self._selector.select(seconds))

    def _hold(self, limits: Limits) -> None:
        """By the kernel where we have a control group, else by looking."""
        size = limits.memory_mb * 2**20
        if self._group is None:
            self._watcher = MemoryWatcher(self.pid, size, self._scratch)
            return
        self._group.limit_memory(size)
        self._group.limit_processes(policy.KINDS[self.kind].processes(limits.threads))
        self._group.limit_cpu(limits.threads)

    def _why_ended(self, limits: Limits, error: Exception) -> Ended:
        """The box went away or spoke nonsense: find the likeliest reason."""
        with contextlib.suppress(Exception):
            self._process.wait(timeout=0.5)
        if self._group is not None and self._group.out_of_memory():
            return Ended("out_of_memory", f"more than {limits.memory_mb} MB", self.log)
        status = self._process.poll() or 0
        if status == _KILLED + signal.SIGXCPU:
            seconds = self._resources(limits)["cpu_seconds"]
            return Ended("timeout", f"no result after {seconds} seconds of processor time", self.log)
        why = _SIGNALS.get(status, error)
        return Ended("crashed", f"the run ended without a result ({why})", self.log)

    def _hand_over(self, work: Work) -> None:
        body = json.dumps(self._description(work)).encode()
        inputs = work.inputs
        with contextlib.ExitStack() as stack:
            descriptors = [stack.enter_context(_sealed("artefact", work.artefact))]
            if inputs is not None:
                block = np.ascontiguousarray(inputs).data.cast("B")
                descriptors.append(stack.enter_context(_sealed("inputs", block)))
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
            self._control.settimeout(self._left())
            self._control.sendmsg([frames.HEADER.pack(frames.JOB, len(body))], rights)
            self._control.sendall(body)

    def _description(self, work: Work) -> dict[str, Any]:
        limits = work.limits
        resources = self._resources(limits) if self._limited else dict.fromkeys(_RESOURCES, _NO_LIMIT)
        job: dict[str, Any] = {"action": "inspect", "resources": resources, "threads": limits.threads}
        job |= {"accelerator": "cuda" if self._gpu else "none"}
        if work.task is not None:
            job |= _told(work.task)
        if work.inputs is not None:
            count, *shape = work.inputs.shape
            job |= {"action": "run", "count": count, "shape": shape, "dtype": work.inputs.dtype.str}
            job |= {"timed": work.timed}
        return {**job, "extra": work.extra}

    def _resources(self, limits: Limits) -> dict[str, int | None]:
        """What the inside holds itself to. Its address space matters where nobody counts its memory."""
        space = limits.memory_mb * 2**20 + policy.ADDRESS_SPACE_OVERHEAD_BYTES
        return {
            "cpu_seconds": int(limits.wall_seconds * limits.threads) + 2,
            "file_bytes": policy.tmp_bytes(self.kind),
            "open_files": policy.OPEN_FILES,
            "processes": policy.KINDS[self.kind].processes(limits.threads),
            "address_space": space if self._group is None and not self._gpu else None,
        }

    def _receive(self, work: Work, on_rows: Callable[[float], None]) -> Outcome:
        """Frames in the one order that is allowed: facts, loaded, predictions, done."""
        started = time.monotonic()
        facts = self._body(frames.FACTS, _MOST_FACTS)
        work.check(facts)
        if work.inputs is None:
            self._body(frames.DONE, 0)
            return Outcome(
                facts, np.empty((0, 0), "<f4"), time.monotonic() - started, 0.0, self._peak(), self.log
            )
        self._body(frames.LOADED, 0)
        loaded = time.monotonic()
        if work.task is None:
            raise BoxFault("a job with inputs and without a task")
        predictions = np.empty((len(work.inputs), *work.task.output_shape), dtype=work.task.output_dtype)
        self._fill(predictions.data.cast("B"), on_rows)
        predicted = time.monotonic()
        return Outcome(facts, predictions, loaded - started, predicted - loaded, self._peak(), self.log)

    def _fill(self, target: memoryview, on_rows: Callable[[float], None]) -> None:
        """Exactly as many bytes as `target` holds, then the end; a byte more or less is refused."""
        received = 0
        while True:
            kind, length = self._header()
            if kind == frames.ERROR:
                raise self._error(length)
            if kind == frames.DONE and length == 0 and received == len(target):
                return
            if kind != frames.PREDICTIONS:
                raise frames.BadFrame(f"{received:,} of {len(target):,} bytes of predictions")
            if received + length > len(target):
                raise Ended("too_much_output", f"more than {len(target):,} bytes of predictions", self.log)
            self._read(target[received : received + length])
            received += length
            on_rows(received / len(target))

    def _body(self, wanted: bytes, at_most: int) -> bytes:
        kind, length = self._header()
        if kind == frames.ERROR:
            raise self._error(length)
        if kind != wanted or length > at_most:
            raise frames.BadFrame(f"an unexpected frame of {length:,} bytes")
        body = bytearray(length)
        self._read(memoryview(body))
        return bytes(body)

    def _error(self, length: int) -> Ended:
        if length > _MOST_ERROR:
            return Ended("too_much_output", f"an error text of {length:,} bytes", self.log)
        body = bytearray(length)
        self._read(memoryview(body))
        try:
            error = ErrorBody.model_validate_json(bytes(body))
        except ValidationError:
            return Ended("crashed", "the run ended with an error that could not be read", self.log)
        return Ended(error.code, printable(error.found), printable(error.excerpt))

    def _header(self) -> tuple[bytes, int]:
        header = bytearray(frames.HEADER.size)
        self._read(memoryview(header))
        kind, length = frames.HEADER.unpack(header)
        return kind, length

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time is up")
        return left

    def _patience(self) -> float:
        """How long to wait for the box before looking around."""
        return min(self._left(), LOOK_SECONDS)

    def _read(self, target: memoryview) -> None:
        """Fill `target` before the deadline, and keep the log pipe flowing meanwhile."""
        while target:
            self._look_at_its_use()
            for key, _ in self._selector.select(self._patience()):
                if key.fd == self._log_fd:
                    self._drain_log()
                    continue
                count = self._control.recv_into(target)
                if count == 0:
                    raise frames.BadFrame("it ended early")
                target = target[count:]
                break

    def _look_at_its_use(self) -> None:
        """Raises `Ended` when the box holds more than it may, of what the kernel does not limit.

        Now and then, however many frames come: to sum up memory is to go through all of /proc.
        """
        if time.monotonic() < self._next_look:
            return
        if self._watcher is not None and self._watcher.over():
            raise Ended("out_of_memory", f"{self._watcher.peak_bytes >> 20} MB in use", self.log)
        files, most = self._scratch.files(), policy.KINDS[self.kind].scratch_files
        if files > most + _OWN_FILES:
            raise Ended("too_large", f"{files:,} files in /tmp, at most {most:,}", self.log)
        self._next_look = time.monotonic() + LOOK_SECONDS

    def _drain_log(self) -> None:
        """Take what was printed; keep the first part, drop the rest, stop at its end."""
        if self._log_fd not in self._selector.get_map():
            return
        with contextlib.suppress(BlockingIOError):
            for _ in range(_LOG_READS):
                chunk = os.read(self._log_fd, 1 << 16)
                if not chunk:
                    self._selector.unregister(self._log_fd)
                    return
                self._log += chunk[: _MOST_LOG - len(self._log)]

    def _peak(self) -> int | None:
        if self._group is not None:
            return self._group.peak_bytes()
        return self._watcher.peak_bytes if self._watcher is not None else None

    def kill(self) -> None:
        """Kill the box; `close` then waits for its end and tidies up."""
        self._process.kill()

    def close(self) -> None:
        """Kill all that is left of the box and wait until it is gone."""
        self.kill()
        self._selector.close()
        self._control.close()
        os.close(self._log_fd)
        self._scratch.close()
        self._process.wait()
        if self._group is not None:
            self._group.remove()
