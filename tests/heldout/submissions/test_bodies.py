"""Nobody fills the disk with a request: the site, asked as a server asks it."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from heldout.accounts.models import User
from heldout.arriving import Message, Receive, Scope, Send
from heldout.bodies import (
    LARGEST_FORM,
    LARGEST_UPLOAD,
    LimitedBodies,
    announced_length,
    takes_files,
)
from tests.heldout.factories import make_user


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


def ask(path: str, pieces: Iterable[bytes], length: int | None = None, session: str = "") -> list[Message]:
    headers = [] if length is None else [(b"content-length", str(length).encode())]
    if session:
        headers.append((b"cookie", f"a=b; {settings.SESSION_COOKIE_NAME}={session}".encode()))
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
    ("path", "taken"),
    [
        ("/events/e/challenges/c/submissions/", True),
        ("/api/v1/events/e/challenges/c/submissions", True),
        ("/events/e/team/", False),
        ("/accounts/login/", False),
        ("/no/such/submissions", False),
        ("/events/e/challenges/c/submissions/\n", False),
    ],
)
def test_only_addresses_that_take_files_take_much(path: str, taken: bool) -> None:
    assert takes_files(path) is taken


UPLOAD = "/events/e/challenges/c/submissions/"


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.mark.django_db(transaction=True)
def test_only_somebody_who_is_signed_in_may_send_a_large_file() -> None:
    user = make_user("ada@example.org")
    for stranger in ("", "no-such-session", session_of(user) + "x"):
        start, _ = ask(UPLOAD, [b""], LARGEST_FORM + 1, stranger)
        assert start["status"] == 401
    assert ask(UPLOAD, [b"ab"], LARGEST_FORM + 1, session_of(user)) == [{"type": "read", "total": 2}]
    assert ask(UPLOAD, [b""], LARGEST_UPLOAD + 1, session_of(user))[0]["status"] == 413


@pytest.mark.django_db(transaction=True)
def test_whoever_was_shut_out_may_send_no_large_file() -> None:
    user = make_user("ada@example.org")
    session = session_of(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert ask(UPLOAD, [b""], LARGEST_FORM + 1, session)[0]["status"] == 401


@pytest.mark.parametrize("length", ["9" * 5000, "0" * 5000 + "9" * 20])
def test_a_length_of_thousands_of_digits_is_too_large(length: str) -> None:
    scope = {"headers": [(b"content-length", length.encode())]}
    assert announced_length(scope) > LARGEST_UPLOAD


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
