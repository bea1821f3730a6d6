"""Nobody fills the disk with a request: the site, asked as a server asks it."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from heldout.bodies import (
    LARGEST_FORM,
    LARGEST_UPLOAD,
    LimitedBodies,
    Message,
    Receive,
    Scope,
    Send,
    limit_of,
)


async def echo_length(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads everything and says how much there was, or that the sender left."""
    total = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            await send({"type": "left"})
            return
        total += len(message["body"])
        if not message["more_body"]:
            break
    await send({"type": "read", "total": total})


def ask(path: str, pieces: Iterable[bytes], length: int | None = None) -> list[Message]:
    headers = [] if length is None else [(b"content-length", str(length).encode())]
    waiting = list(pieces)
    answers: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: Message) -> None:
        answers.append(message)

    scope: dict[str, Any] = {"type": "http", "path": path, "headers": headers}
    asyncio.run(LimitedBodies(echo_length)(scope, receive, send))
    return answers


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/events/e/challenges/c/submissions/", LARGEST_UPLOAD),
        ("/api/v1/events/e/challenges/c/submissions", LARGEST_UPLOAD),
        ("/events/e/team/", LARGEST_FORM),
        ("/accounts/login/", LARGEST_FORM),
    ],
)
def test_only_addresses_that_take_files_take_much(path: str, limit: int) -> None:
    assert limit_of(path) == limit


def test_a_small_request_arrives_whole() -> None:
    assert ask("/x/", [b"ab", b"cd"], length=4) == [{"type": "read", "total": 4}]


def test_what_announces_itself_as_too_large_is_not_read() -> None:
    start, body = ask("/x/", [b""], length=LARGEST_FORM + 1)
    assert start["status"] == 413
    assert b"up to 4 MB" in body["body"]


def test_what_does_not_announce_itself_is_cut_off() -> None:
    piece = b"x" * 2**20
    assert ask("/x/", [piece] * 5) == [{"type": "left"}]
    assert ask("/x/", [piece] * 4) == [{"type": "read", "total": LARGEST_FORM}]
