"""Bodies that are read while they arrive. Django itself writes a whole body to the disk before any view runs,
and a body that is cut off is lost with it; a resumable upload keeps what came."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from typing import Any

from django.http import HttpRequest

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]

ARRIVING = "heldout.arriving"
PATIENCE_SECONDS = 20
"""How long nothing may come before the sender is taken to be gone."""
PIECE_BYTES = 256 * 1024
RESUMABLE = re.compile(r"/api/v1/(uploads/[0-9a-f-]+|events/[\w-]+/challenges/[\w-]+/uploads)/?", re.ASCII)
"""Addresses of resumable uploads, whose bodies are pieces of files."""


class CutOff(Exception):
    """The sender went away before the end."""


class ArrivingBodies:
    """An ASGI application that gives `inner` an empty body at these addresses, and its view the real one."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the view read the body itself."""
        if scope["type"] != "http" or not RESUMABLE.fullmatch(scope["path"]):
            await self.inner(scope, receive, send)
            return
        scope = {**scope, ARRIVING: Arriving(receive, asyncio.get_running_loop())}
        await self.inner(scope, _empty(), send)


def _empty() -> Receive:
    """A request without a body, whose sender never goes away: the view always comes to its end, so that it
    keeps what it has."""
    told = False

    async def receive() -> Message:
        nonlocal told
        if told:
            await asyncio.Event().wait()
        told = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


class Arriving:
    """A body, read by a view's thread while the loop of the server receives it."""

    def __init__(self, receive: Receive, loop: asyncio.AbstractEventLoop) -> None:
        self._receive, self._loop = receive, loop

    def pieces(self) -> Iterator[bytes]:
        """The body's pieces as they come. Raises CutOff when the sender goes away or falls silent."""
        more = True
        while more:
            try:
                waiting = asyncio.run_coroutine_threadsafe(self._next(), self._loop)
                message = waiting.result()
            except TimeoutError as error:
                raise CutOff(f"nothing came for {PATIENCE_SECONDS} seconds") from error
            if message["type"] == "http.disconnect":
                raise CutOff("the sender went away")
            more = message.get("more_body", False)
            if piece := message.get("body", b""):
                yield piece

    async def _next(self) -> Message:
        return await asyncio.wait_for(self._receive(), PATIENCE_SECONDS)


def pieces_of(request: HttpRequest) -> Iterator[bytes]:
    """The body of a request, whichever way it comes. Raises CutOff."""
    arriving = getattr(request, "scope", {}).get(ARRIVING)
    if arriving is not None:
        yield from arriving.pieces()
        return
    while piece := request.read(PIECE_BYTES):
        yield piece
