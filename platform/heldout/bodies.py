"""How much anybody may send: decided while it arrives, before Django writes it to a temporary file.

Only people who are signed in may send as much as a model takes: a stranger's request would be refused, but
not before the whole of it lay on the disk.
"""

import asyncio
import re
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.utils import timezone

from heldout.accounts import tokens
from heldout.arriving import RESUMABLE, Application, Message, Receive, Scope, Send

MEBIBYTE = 2**20
LARGEST_UPLOAD = 1025 * MEBIBYTE
"""The largest artefact that a challenge may allow, and a form around it."""
LARGEST_FORM = 4 * MEBIBYTE
UPLOADS = re.compile(
    r"(/api/v1)?/events/[\w-]+/challenges/[\w-]+/submissions/?|(/api/v1)?/events/[\w-]+/bundles/?"
    rf"|{RESUMABLE.pattern}",
    re.ASCII,
)
"""Addresses that take files; what a challenge or a bundle may have is enforced there later."""
LONGEST_LENGTH = 18
"""Digits of a length that any machine has room for."""


class LimitedBodies:
    """An ASGI application that lets no larger requests than these through to `inner`."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer at once when too much is announced; cut the body off when it is not."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        limit = await limit_for(scope)
        if announced_length(scope) > limit:
            await refuse(send, *refusal(scope["path"], limit))
            return
        await self.inner(scope, counting(receive, limit), send)


async def limit_for(scope: Scope) -> int:
    """The most bytes that a request may carry."""
    if takes_files(scope["path"]) and await asyncio.to_thread(is_signed_in, scope):
        return LARGEST_UPLOAD
    return LARGEST_FORM


def takes_files(path: str) -> bool:
    """Whether models or bundles are handed in at this address."""
    return UPLOADS.fullmatch(path) is not None


def is_signed_in(scope: Scope) -> bool:
    """Whether the session or the token that a request names is somebody's."""
    close_old_connections()
    try:
        return _has_token(scope) or _has_session(scope)
    finally:
        close_old_connections()


def _has_token(scope: Scope) -> bool:
    kind, _, secret = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1").partition(" ")
    now = timezone.now()
    token = tokens.found(secret, now) if kind.lower() == "bearer" else None
    return token is not None and not tokens.fault(token, now)


def _has_session(scope: Scope) -> bool:
    cookies = parse_cookie(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(
        cookies.get(settings.SESSION_COOKIE_NAME)
    )
    return bool(get_user(request).is_authenticated)


def announced_length(scope: Scope) -> int:
    """What the header Content-Length says; 0 without one."""
    value = dict(scope["headers"]).get(b"content-length", b"0")
    digits = value.lstrip(b"0")[: LONGEST_LENGTH + 1]
    return int(digits) if digits.isdigit() else 0


def counting(receive: Receive, limit: int) -> Receive:
    """As `receive`, but beyond `limit` bytes it is as if the sender had gone away."""
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        return message if received <= limit else {"type": "http.disconnect"}

    return counted


def refusal(path: str, limit: int) -> tuple[int, str]:
    """Status and words for who sent more than `limit`: too much, or a file without being signed in."""
    if takes_files(path) and limit < LARGEST_UPLOAD:
        return 401, "Sign in first, then send the file.\n"
    return 413, f"The request is too large; up to {limit // MEBIBYTE} MB are taken here.\n"


async def refuse(send: Send, status: int, words: str) -> None:
    """Answer without reading any more."""
    text = words.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
