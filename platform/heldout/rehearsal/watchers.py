"""People with an open page: each holds a stream of server-sent events, and comes back when it ends."""

import asyncio
import itertools
from dataclasses import dataclass
from urllib.parse import urlsplit

from heldout.rehearsal.ledger import Ledger

PAUSE_SECONDS = 1.0
AT_ONCE_SECONDS = 0.02
SILENCE_SECONDS = 40
"""A stream says something every quarter of a minute; past this it is dead."""


@dataclass
class Heard:
    """What all watchers have heard together."""

    connected: int = 0
    events: int = 0
    came_back: int = 0
    resyncs: int = 0


class Watchers:
    """Everybody who watches. A board's event counts once for each watcher."""

    def __init__(self, addresses: list[str], path: str, ledger: Ledger) -> None:
        self.heard = Heard()
        self.ledger = ledger
        self.boards_heard: dict[int, float] = {}
        """When each watcher last heard of a board, in seconds after the event began."""
        self._last: dict[int, str] = {}
        self._path = path
        self._addresses = itertools.cycle(addresses)

    async def watch(self, number: int, cookie: str) -> None:
        """Be one watcher until cancelled."""
        await asyncio.sleep(number * AT_ONCE_SECONDS)
        while True:
            try:
                await self._listen(number, cookie)
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                self.ledger.trouble("a watcher's stream was cut")
            self.heard.came_back += 1
            await asyncio.sleep(PAUSE_SECONDS)

    async def _listen(self, number: int, cookie: str) -> None:
        """One stream until its end."""
        site = urlsplit(next(self._addresses))
        reader, writer = await asyncio.open_connection(site.hostname, site.port)
        try:
            last = self._last.get(number)
            again = f"Last-Event-ID: {last}\r\n" if last else ""
            writer.write(
                f"GET {self._path} HTTP/1.1\r\nHost: {site.netloc}\r\nCookie: {cookie}\r\n"
                f"Accept: text/event-stream\r\n{again}\r\n".encode()
            )
            status = await _line(reader)
            if b" 200 " not in status:
                raise OSError(f"the stream was answered with {status!r}")
            self.heard.connected += 1
            try:
                await self._hear(number, reader)
            finally:
                self.heard.connected -= 1
        finally:
            writer.close()

    async def _hear(self, number: int, reader: asyncio.StreamReader) -> None:
        while line := await _line(reader):
            if line.startswith(b"id: "):
                self._last[number] = line[4:].decode().strip()
            elif line.startswith(b"event: "):
                self.heard.events += 1
                self.heard.resyncs += line.startswith(b"event: resync")
                if line.startswith(b"event: board"):
                    self.boards_heard[number] = self.ledger.now


async def _line(reader: asyncio.StreamReader) -> bytes:
    """The next line. Raises TimeoutError.

    Python 3.11's `asyncio.wait_for` would lose a cancellation that comes together with a line.
    """
    async with asyncio.timeout(SILENCE_SECONDS):
        return await reader.readline()
