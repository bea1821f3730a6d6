"""Boxes that wait, their imports done, each for one artefact.

All boxes are started by one thread that lives as long as the pool, since the kernel ties a box's
life to the thread that started it. Some kinds always have boxes waiting; of another kind one is kept for a
while after it was asked for, as far as memory allows. A box that is found dead, or that waited too
long, is replaced; where none waits, one is started by the same way. A box with a GPU never waits: it would
hold a part of the GPU's memory.
"""

import contextlib
import logging
import queue
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from types import TracebackType

from scoring.sandbox import cgroups, launcher, policy
from scoring.sandbox.box import Box
from scoring.sandbox.policy import BoxKind
from scoring.sandbox.runtime import Accelerator
from scoring.sandbox.work import BoxFault, Outcome, Work

logger = logging.getLogger(__name__)

_ATTEMPTS = 2
_LOOK_SECONDS = 30.0


class Pool:
    """Keeps `sizes[kind]` boxes waiting, and one of any other kind for `kept_seconds` after its last job.

    Use as a context manager, or `close` it. `accelerator` is what jobs that want a GPU get.
    """

    def __init__(
        self,
        sizes: dict[BoxKind, int],
        kept_seconds: float = 0.0,
        memory_mb: int = policy.WARM_MEMORY_MB,
        accelerator: Accelerator | None = None,
    ) -> None:
        self._sizes = sizes
        self._kept_seconds = kept_seconds
        self._memory_mb = memory_mb
        self._accelerator = accelerator
        self._asked: dict[BoxKind, float] = {}
        self._waiting: dict[BoxKind, deque[Box]] = defaultdict(deque)
        self._held = 0
        self._errands: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._keeper = threading.Thread(target=self._keep_boxes, name="box-keeper", daemon=True)
        self._keeper.start()
        self._errands.put(self._tend)

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    def run(self, kind: BoxKind, work: Work, on_rows: Callable[[float], None]) -> Outcome:
        """Run one job in a box of its own and kill the box, whatever happens.

        Raises `work.Ended` when the submission is at fault. A box that fails before it has its job
        is ours and is tried once more, then `BoxFault`.
        """
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._run_once(kind, work, on_rows)
            except BoxFault:
                logger.warning("a box for %s failed before its job; trying another", kind, exc_info=True)
        return self._run_once(kind, work, on_rows)

    def waiting(self, kind: BoxKind) -> list[Box]:
        """The boxes of a kind that wait for a job now."""
        return list(self._waiting[kind])

    @contextmanager
    def refilled_afterwards(self) -> Iterator[None]:
        """No new box is started to wait as long as the block lasts: an answer that is due goes first."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            self._errands.put(self._tend)

    def _run_once(self, kind: BoxKind, work: Work, on_rows: Callable[[float], None]) -> Outcome:
        self._asked[kind] = time.monotonic()
        box = self._take(kind, self._gpu_for(kind, work))
        try:
            box.wait_until_ready()
            return box.run(work, on_rows)
        finally:
            box.kill()
            self._errands.put(box.close)
            self._errands.put(self._tend)

    def _gpu_for(self, kind: BoxKind, work: Work) -> Accelerator | None:
        """The GPU for a job that runs a model and may have one."""
        wants = work.limits.accelerator != "none" and work.inputs is not None and policy.KINDS[kind].gpu
        return self._accelerator if wants else None

    def _take(self, kind: BoxKind, gpu: Accelerator | None) -> Box:
        """A box that waits, or a new one. Raises `BoxFault` when none can be started in time."""
        with contextlib.suppress(IndexError):
            while gpu is None:
                box = self._waiting[kind].popleft()
                if box.alive and not box.stale:
                    return box
                self._errands.put(box.close)
        future: Future[Box] = Future()
        self._errands.put(partial(_start, kind, gpu, future))
        try:
            return future.result(policy.START_SECONDS)
        except TimeoutError as error:
            future.cancel()
            future.add_done_callback(self._close_late)
            raise BoxFault(f"no box for {kind} within {policy.START_SECONDS:g} seconds") from error

    def _close_late(self, future: "Future[Box]") -> None:
        if not future.cancelled() and future.exception() is None:
            self._errands.put(future.result().close)

    def _wanted(self) -> dict[BoxKind, int]:
        """How many boxes of each kind shall wait: those that always do, then one of each kind that was
        asked for lately, the latest first, as long as there is memory for it."""
        wanted, since = dict(self._sizes), time.monotonic() - self._kept_seconds
        left = self._memory_mb - sum(policy.KINDS[kind].waiting_memory_mb * n for kind, n in wanted.items())
        asked = sorted(dict(self._asked).items(), key=lambda item: item[1], reverse=True)
        for kind in (kind for kind, when in asked if when > since and kind not in wanted):
            if policy.KINDS[kind].waiting_memory_mb <= left:
                wanted[kind] = 1
                left -= policy.KINDS[kind].waiting_memory_mb
        return wanted

    def _tend(self) -> None:
        """Look after the boxes of each kind, one kind after another, so that none suffers from another, and
        after what ended boxes left: the next box may be long in coming."""
        self._errands.put(cgroups.remove_what_is_left)
        wanted = self._wanted()
        for kind in {*wanted, *self._waiting}:
            self._errands.put(partial(self._tend_to, kind, wanted.get(kind, 0)))

    def _tend_to(self, kind: BoxKind, size: int) -> None:
        """Close boxes that are dead, stale or too many; start those that are missing, unless held up."""
        waiting = self._waiting[kind]
        for box in list(waiting):
            if len(waiting) > size or box.stale or not box.alive:
                with contextlib.suppress(ValueError):  # It was taken for a job meanwhile.
                    waiting.remove(box)
                    box.close()
        for _ in range(0 if self._held else size - len(waiting)):
            waiting.append(Box(kind, launcher.launch(kind)))

    def _keep_boxes(self) -> None:
        """Do what is asked, and look after the waiting boxes where nothing is asked for a while."""
        while (errand := self._next_errand()) is not None:
            _do(errand)

    def _next_errand(self) -> Callable[[], None] | None:
        try:
            return self._errands.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            return self._tend

    def close(self) -> None:
        """End every box, then the thread that keeps them."""
        self._sizes, self._kept_seconds = {}, 0.0
        self._errands.put(None)
        self._keeper.join()
        with contextlib.suppress(queue.Empty):  # As of a box that started too late for its job.
            while True:
                _do(self._errands.get_nowait())
        for boxes in self._waiting.values():
            while boxes:
                boxes.popleft().close()


def _do(errand: Callable[[], None] | None) -> None:
    try:
        if errand is not None:
            errand()
    except Exception:
        logger.exception("a box could not be started or ended")


def _start(kind: BoxKind, gpu: Accelerator | None, future: "Future[Box]") -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(Box(kind, launcher.launch(kind, gpu), gpu is not None))
    except BaseException as error:
        future.set_exception(error)
