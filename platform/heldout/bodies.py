"""How much anybody may send: decided while it arrives, before Django writes it to a temporary file."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]

MEBIBYTE = 2**20
LARGEST_UPLOAD = 1025 * MEBIBYTE
"""The largest artefact that a challenge may allow, and a form around it."""
LARGEST_FORM = 4 * MEBIBYTE
UPLOADS = ("/submissions", "/bundles")
"""Addresses that end in these take files; what a challenge or a bundle may have is enforced there later."""


class LimitedBodies:
    """An ASGI application that lets no larger requests than these through to `inner`."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413 at once when the length is announced; cut the body off when it is not."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        limit = limit_of(scope["path"])
        if announced_length(scope) > limit:
            await refuse(send, limit)
            return
        await self.inner(scope, counting(receive, limit), send)


def limit_of(path: str) -> int:
    """The most bytes that a request to `path` may carry."""
    return LARGEST_UPLOAD if path.rstrip("/").endswith(UPLOADS) else LARGEST_FORM


def announced_length(scope: Scope) -> int:
    """What the header Content-Length says; 0 without one."""
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


def counting(receive: Receive, limit: int) -> Receive:
    """As `receive`, but beyond `limit` bytes it is as if the sender had gone away."""
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        return message if received <= limit else {"type": "http.disconnect"}

    return counted


async def refuse(send: Send, limit: int) -> None:
    """Say how much would have been taken."""
    text = f"The request is too large; up to {limit // MEBIBYTE} MB are taken here.\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": text})
