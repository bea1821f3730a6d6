"""One Redis subscription a process, spread to every open page of that process."""

import asyncio
import json
import logging
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

    @asynccontextmanager
    async def connect(self, listener: Listener) -> AsyncIterator[Connection]:
        """Hear what `listener` may hear, while the block runs."""
        connection = Connection(listener)
        self.connections.add(connection)
        if self.feeder is None or self.feeder.done():
            self.feeder = asyncio.create_task(self._feed())
        try:
            yield connection
        finally:
            self.connections.discard(connection)
            if not self.connections and self.feeder:
                self.feeder.cancel()
                self.feeder = None

    def spread(self, notice: Notice) -> None:
        """Give a message to every page that may hear it; its text is made once."""
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
                    if missed:
                        self._resync()
            except (redis.RedisError, OSError) as error:
                logger.warning("live updates lost Redis (%s); trying again in %.1f s", error, pause)
            missed = True
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _resync(self) -> None:
        for connection in self.connections:
            connection.offer(RESYNC)


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
