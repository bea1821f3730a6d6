"""The three days: people hand in by day, and the clock goes on to the next morning at night."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from django.db import connection

from heldout.rehearsal.crowd import Crowd
from heldout.rehearsal.faults import Faults
from heldout.rehearsal.ledger import Ledger
from heldout.rehearsal.observer import Observer
from heldout.rehearsal.plan import HandIn
from heldout.rehearsal.sizes import DAYS, Sizes
from heldout.rehearsal.stack import Stack
from heldout.rehearsal.stage import Stage
from heldout.rehearsal.watchers import Watchers

NIGHT_SECONDS = 24 * 3600.0
REST_SECONDS = 600.0
"""How long the platform may take to finish what was handed in by day."""
LOOK_SECONDS = 0.2
CLOSING_SECONDS = 30

Tell = Callable[[Ledger], None]


@dataclass
class Played:
    """What happened."""

    ledger: Ledger
    watchers: Watchers
    faults: Faults
    seconds: float
    unrested: int = 0
    """Submissions that were still on their way when a night began."""
    hushed: int = 0
    """Watchers who were not connected in the end."""


def play(stack: Stack, stage: Stage, hand_ins: list[HandIn], sizes: Sizes, tell: Tell) -> Played:
    """Play the event, with its faults. What was accepted is in the ledger."""
    ledger = Ledger()
    watchers = Watchers(stack.addresses, f"/events/{stage.event}/live/", ledger)
    faults, observer, loop = Faults(stack, ledger, sizes), Observer(ledger), Loop()
    played = Played(ledger, watchers, faults, 0.0)
    crowd = Crowd(stage, stack.addresses, ledger)
    watching = [loop.begin(watchers.watch(p.number, p.cookie)) for p in stage.people if p.cookie]
    observer.start()
    faults.start()
    try:
        for day in range(DAYS):
            faults.allow(by_day=True)
            today = loop.begin(crowd.play_day([each for each in hand_ins if each.day == day]))
            _until(today.done, None, lambda: tell(ledger))
            today.result()
            faults.allow(by_day=False)
            _until(lambda: not ledger.waiting(), REST_SECONDS, lambda: tell(ledger))
            played.unrested += len(ledger.waiting())
            if day < DAYS - 1:
                stack.clock.jump(NIGHT_SECONDS)
    finally:
        faults.stop()
        observer.stop()
        played.seconds = ledger.now
        played.hushed = len(watching) - watchers.heard.connected
        loop.close(crowd.close)
    rested(stack)
    return played


def rested(stack: Stack) -> None:
    """Wait for a database that was restarted last; the connection from before it is of no use any more."""
    if stack.postgres is not None:
        stack.wait_until("the database", stack.postgres.answers)
    connection.close()


def _until(done: Callable[[], bool], seconds: float | None, tell: Callable[[], None]) -> None:
    """Wait, and tell how far it is meanwhile."""
    until = None if seconds is None else time.monotonic() + seconds
    while not done() and (until is None or time.monotonic() < until):
        tell()
        time.sleep(LOOK_SECONDS)


class Loop:
    """An event loop in a thread of its own, for all that waits for the network."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="crowd", daemon=True)
        self._thread.start()

    def begin(self, work: Any) -> "Future[Any]":
        """Let a coroutine run."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self, last: Callable[[], Any]) -> None:
        """Cancel what runs and let it end, do a last thing, end."""
        self.begin(_ended(last)).result(CLOSING_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSING_SECONDS)
        self._loop.close()


async def _ended(last: Callable[[], Any]) -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await last()
