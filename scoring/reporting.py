"""Signs of life: how far an attempt is, and that the worker is there at all."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from scoring.engine import Report
from scoring.job import Progress, Stage

logger = logging.getLogger(__name__)

BETWEEN_AT_MOST_SECONDS = 2.0
"""An attempt that runs is heard of at least this often; its lease is renewed by it."""

BETWEEN_AT_LEAST_SECONDS = 0.1
STEP = 0.1

Send = Callable[[Progress], None]


class Reporter:
    """Sends the progress of one attempt at a time, from a thread of its own.

    Reporting costs the attempt nothing: the last word is kept, and the thread sends it when the
    stage changed or a tenth of it is done, at most ten times a second.
    """

    def __init__(self, worker: str, send: Send) -> None:
        self._worker = worker
        self._send = send
        self._changed = threading.Condition()
        self._attempt: UUID | None = None
        self._now: tuple[Stage, float] = ("preparing", 0.0)
        self._said: tuple[Stage, float] | None = None
        threading.Thread(target=self._talk, name="progress", daemon=True).start()

    @property
    def running(self) -> UUID | None:
        """The attempt that runs now."""
        return self._attempt

    @contextmanager
    def attempt(self, attempt: UUID) -> Iterator[Report]:
        """Report on one attempt; after the end of the block, at most what is on its way is sent."""
        with self._changed:
            self._attempt, self._now, self._said = attempt, ("preparing", 0.0), None
            self._changed.notify()
        try:
            yield self._report
        finally:
            with self._changed:
                self._attempt = None

    def _report(self, stage: Stage, share: float) -> None:
        self._now = (stage, share)
        if self._worth_saying():
            with self._changed:
                self._changed.notify()

    def _worth_saying(self) -> bool:
        if self._said is None:
            return True
        return self._now[0] != self._said[0] or self._now[1] - self._said[1] >= STEP

    def _talk(self) -> None:
        while True:
            with self._changed:
                if self._attempt is None or not self._worth_saying():
                    self._changed.wait(BETWEEN_AT_MOST_SECONDS)
                attempt = self._attempt
                stage, share = self._said = self._now
            # Not under the lock: a broker that hangs must not hold up a run, whose time is limited.
            if attempt is not None:
                self._say(attempt, stage, share)
            time.sleep(BETWEEN_AT_LEAST_SECONDS)

    def _say(self, attempt: UUID, stage: Stage, share: float) -> None:
        try:
            self._send(Progress(attempt=attempt, worker=self._worker, stage=stage, fraction=share))
        except Exception as error:
            logger.warning("progress of attempt %s could not be sent: %s", attempt, error)


@contextmanager
def repeating(action: Callable[[], None], seconds: float, name: str) -> Iterator[None]:
    """Do `action` now and every so many seconds as long as the block lasts, whatever it raises.

    The end of the block waits for an action on its way, but not for one that hangs.
    """
    over = threading.Event()

    def loop() -> None:
        while not over.is_set():
            _try(action, name)
            over.wait(seconds)

    thread = threading.Thread(target=loop, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(seconds)


def _try(action: Callable[[], None], name: str) -> None:
    try:
        action()
    except Exception as error:
        logger.warning("%s could not be sent: %s", name, error)


def repeat(action: Callable[[], None], seconds: float, name: str) -> None:
    """Do `action` now and every so many seconds, in a thread of its own, whatever it raises."""

    def loop() -> None:
        while True:
            _try(action, name)
            time.sleep(seconds)

    threading.Thread(target=loop, name=name, daemon=True).start()
