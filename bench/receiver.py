"""The bare limit for an upload: an ASGI application that hashes a body, writes it to a file, and no more."""

import hashlib
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

TARGET = os.environ.get("BENCH_TARGET", "")


async def application(
    scope: Mapping[str, Any],
    receive: Callable[[], Awaitable[Mapping[str, Any]]],
    send: Callable[[Mapping[str, Any]], Awaitable[None]],
) -> None:
    """Answer with the SHA-256 of the body."""
    sha256, more = hashlib.sha256(), True
    with open(TARGET, "wb") as file:
        while more:
            message = await receive()
            sha256.update(message.get("body", b""))
            file.write(message.get("body", b""))
            more = message.get("more_body", False)
        file.flush()
        os.fsync(file.fileno())
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": sha256.hexdigest().encode()})
