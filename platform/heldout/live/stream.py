"""Server-sent events to open pages, outside Django.

Django holds a thread for each request that it has not finished. A page stays open for minutes, so
Django only decides who may listen; when its answer carries a listener, the answer is held back and
the stream goes on here, at the cost of one task.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from heldout.live.hub import hub
from heldout.live.rules import LISTENER_HEADER, Listener

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]

HEARTBEAT_SECONDS = 15
LONGEST_SECONDS = 600
"""Then the page connects again, and what it may hear is decided anew."""
RETRY = b"retry: 2000\n\n"
HEARTBEAT = b": still here\n\n"
LONGEST_NAME = 40
HEADER = LISTENER_HEADER.lower().encode()


class LiveStreams:
    """An ASGI application that streams where `inner` names a listener, and is `inner` everywhere else."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let Django answer first."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        answer = Answer(send)
        await self.inner(scope, receive, answer.pass_on)
        if answer.listener is not None:
            await stream(answer.listener, answer.headers, receive, send, heard_last(scope))


class Answer:
    """Passes an answer on, unless it names a listener: that is kept from the browser."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.listener: Listener | None = None
        self.headers: list[tuple[bytes, bytes]] = []

    async def pass_on(self, message: Message) -> None:
        """What Django sends."""
        if message["type"] == "http.response.start":
            self._look_at(list(message["headers"]))
        if self.listener is None:
            await self.send(message)

    def _look_at(self, headers: list[tuple[bytes, bytes]]) -> None:
        found = [value for name, value in headers if name.lower() == HEADER]
        if found:
            self.listener = Listener.from_json(found[0].decode())
            own = (HEADER, b"content-length")
            self.headers = [(name, value) for name, value in headers if name.lower() not in own]


def heard_last(scope: Scope) -> str:
    """The name of the message that the page heard last, if it comes back and says so."""
    said = next((value for name, value in scope["headers"] if name.lower() == b"last-event-id"), b"")
    return said.decode("ascii", "replace")[:LONGEST_NAME]


async def stream(
    listener: Listener, headers: list[tuple[bytes, bytes]], receive: Receive, send: Send, last: str = ""
) -> None:
    """Write events until the page goes away or its time is over. `last`: what it has heard before."""
    unbuffered = (b"x-accel-buffering", b"no")
    await send({"type": "http.response.start", "status": 200, "headers": [*headers, unbuffered]})
    tasks = [
        asyncio.create_task(_write(listener, send, last)),
        asyncio.create_task(_wait_until_gone(receive)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _write(listener: Listener, send: Send, last: str) -> None:
    ends = asyncio.get_running_loop().time() + LONGEST_SECONDS
    async with hub.connect(listener, last) as connection:
        message: bytes | None = RETRY
        while message is not None and asyncio.get_running_loop().time() < ends:
            body = message or HEARTBEAT
            await send({"type": "http.response.body", "body": body, "more_body": True})
            message = await connection.next(HEARTBEAT_SECONDS)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
