"""Boxes that wait, their imports done, each for one artefact.

All boxes are started by one thread that lives as long as the pool, since the kernel ties a box's
life to the thread that started it. A box that is found dead is replaced; where none waits, one
is started by the same way.
"""

import contextlib
import logging
import queue
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from types import TracebackType

from scoring.sandbox import launcher
from scoring.sandbox.box import Box, BoxFault, Outcome, Work
from scoring.sandbox.policy import BoxKind

logger = logging.getLogger(__name__)

_ATTEMPTS = 2


class Pool:
    """Keeps `sizes[kind]` boxes waiting. Use as a context manager, or `close` it."""

    def __init__(self, sizes: dict[BoxKind, int]) -> None:
        self._sizes = sizes
        self._waiting: dict[BoxKind, deque[Box]] = defaultdict(deque)
        self._errands: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._keeper = threading.Thread(target=self._keep_boxes, name="box-keeper", daemon=True)
        self._keeper.start()
        for kind in sizes:
            self._errands.put(partial(self._refill, kind))

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    def run(self, kind: BoxKind, work: Work, on_rows: Callable[[float], None]) -> Outcome:
        """Run one job in a box of its own and kill the box, whatever happens.

        Raises `box.Ended` when the submission is at fault. A box that fails before it has its job
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

    def _run_once(self, kind: BoxKind, work: Work, on_rows: Callable[[float], None]) -> Outcome:
        box = self._take(kind)
        try:
            box.wait_until_ready()
            return box.run(work, on_rows)
        finally:
            box.kill()
            self._errands.put(box.close)
            self._errands.put(partial(self._refill, kind))

    def _take(self, kind: BoxKind) -> Box:
        with contextlib.suppress(IndexError):
            while True:
                box = self._waiting[kind].popleft()
                if box.alive:
                    return box
                self._errands.put(box.close)
        future: Future[Box] = Future()
        self._errands.put(partial(_start, kind, future))
        return future.result()

    def _refill(self, kind: BoxKind) -> None:
        for _ in range(self._sizes.get(kind, 0) - len(self._waiting[kind])):
            self._waiting[kind].append(Box(kind, launcher.launch(kind)))

    def _keep_boxes(self) -> None:
        while (errand := self._errands.get()) is not None:
            try:
                errand()
            except Exception:
                logger.exception("a box could not be started or ended")

    def close(self) -> None:
        """End every box, then the thread that keeps them."""
        self._sizes = {}
        self._errands.put(None)
        self._keeper.join()
        for boxes in self._waiting.values():
            while boxes:
                boxes.popleft().close()


def _start(kind: BoxKind, future: "Future[Box]") -> None:
    try:
        future.set_result(Box(kind, launcher.launch(kind)))
    except BaseException as error:
        future.set_exception(error)
