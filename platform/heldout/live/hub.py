"""One Redis subscription a process, spread to every open page of that process."""

import asyncio
import json
import logging
import secrets
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import redis.asyncio as redis
from django.conf import settings

from heldout.broadcast import CHANNEL
from heldout.live.rules import Listener, Notice, frame, may_hear

logger = logging.getLogger(__name__)

BACKLOG = 100
"""How many messages wait for a page that reads slowly before it is cut off; it connects again by itself."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds between tries to reach Redis again, doubling."""
SILENCE_SECONDS = 10
"""After so long without a message Redis is asked whether it is still there."""
RESYNC = b"event: resync\ndata: {}\n\n"
"""Sent when messages may have been missed: pages look again."""
RESUMED = b"event: resumed\ndata: {}\n\n"
"""Sent when a page that comes back has been told all that it missed."""
REPLAY = 50
"""How many messages are kept for pages that come back."""


class Connection:
    """An open page: the messages that wait for it."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue(BACKLOG + 1)
        self.open = True

    def offer(self, message: bytes) -> None:
        """Queue a message; a page that is too slow gets the sign to end instead."""
        if not self.open:
            return
        self.open = self.queue.qsize() < BACKLOG
        self.queue.put_nowait(message if self.open else None)

    async def next(self, seconds: float) -> bytes | None:
        """The next message, an empty one after `seconds` of silence, None when the connection ends."""
        # Not `wait_for`: in Python 3.11 it loses a cancellation that comes together with a message.
        try:
            async with asyncio.timeout(seconds):
                return await self.queue.get()
        except TimeoutError:
            return b""


class Hub:
    """The open pages of this process and the task that feeds them."""

    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        self.feeder: asyncio.Task[None] | None = None
        self.recent: deque[Notice] = deque(maxlen=REPLAY)
        self.start = ""
        """What names the moment when this process subscribed; empty while it has not."""

    @asynccontextmanager
    async def connect(self, listener: Listener, last: str = "") -> AsyncIterator[Connection]:
        """Hear what `listener` may hear, while the block runs. `last`: what the page has heard last."""
        connection = Connection(listener)
        self.connections.add(connection)
        if self.feeder is None or self.feeder.done():
            self.start = ""
            self.feeder = asyncio.create_task(self._feed())
        self._welcome(connection, last)
        try:
            yield connection
        finally:
            self.connections.discard(connection)
            if not self.connections and self.feeder:
                self.feeder.cancel()
                self.feeder = None

    def _welcome(self, connection: Connection, last: str) -> None:
        """Tell a page that comes back what it missed, or to look again; and where it is now."""
        if not self.start:
            return
        missed = self.since(last) if last else []
        for notice in missed or []:
            if may_hear(connection.listener, notice):
                connection.offer(frame(notice))
        newest = self.recent[-1].id if self.recent else self.start
        word = b"" if not last else RESYNC if missed is None else RESUMED
        connection.offer(f"id: {newest}\n".encode() + (word or b"\n"))

    def since(self, last: str) -> list[Notice] | None:
        """What came after that message; None where that is not known any more."""
        recent = list(self.recent)
        if last == self.start and len(recent) < REPLAY:
            return recent
        at = next((place for place, notice in enumerate(recent) if notice.id == last), None)
        return None if at is None else recent[at + 1 :]

    def spread(self, notice: Notice) -> None:
        """Give a message to every page that may hear it; its text is made once."""
        self.recent.append(notice)
        message = frame(notice)
        for connection in self.connections:
            if may_hear(connection.listener, notice):
                connection.offer(message)

    async def _feed(self) -> None:
        pause = SHORTEST_PAUSE
        # A page may have been told that it is connected before Redis knows of it.
        missed = True
        while True:
            try:
                async for notice in _notices():
                    if notice is not None:
                        self.spread(notice)
                        continue
                    pause = SHORTEST_PAUSE
                    self.recent.clear()
                    self.start = secrets.token_hex(6)
                    if missed:
                        self._resync()
            except (redis.RedisError, OSError) as error:
                logger.warning("live updates lost Redis (%s); trying again in %.1f s", error, pause)
            missed = True
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _resync(self) -> None:
        for connection in self.connections:
            connection.offer(f"id: {self.start}\n".encode() + RESYNC)


async def _notices() -> AsyncIterator[Notice | None]:
    """What is published, until Redis goes away. The first item is None: from then on nothing is missed."""
    client = redis.Redis.from_url(settings.REDIS_URL, health_check_interval=SILENCE_SECONDS)
    async with client, client.pubsub() as channel:
        await channel.subscribe(CHANNEL)
        while True:
            message = await channel.get_message(timeout=SILENCE_SECONDS)
            if message and message["type"] == "subscribe":
                yield None
            elif message and message["type"] == "message":
                yield Notice(**json.loads(message["data"]))


hub = Hub()
