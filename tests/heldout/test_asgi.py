"""Each request runs in one thread, from the first middleware to the last."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from heldout.asgi import ThreadedHandler

seen: list[int] = []


@sync_and_async_middleware
def note_thread(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """A middleware that runs wherever its neighbours do, and notes where."""
    if iscoroutinefunction(get_response):

        async def on_the_loop(request: HttpRequest) -> HttpResponseBase:
            seen.append(threading.get_ident())
            return await get_response(request)  # type: ignore[no-any-return]

        return on_the_loop

    def in_a_thread(request: HttpRequest) -> HttpResponseBase:
        seen.append(threading.get_ident())
        return get_response(request)  # type: ignore[no-any-return]

    return in_a_thread


async def asked(handler: ThreadedHandler, path: str) -> list[dict[str, Any]]:
    """What the handler sends for a GET of `path`."""
    sent: list[dict[str, Any]] = []
    coming = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if coming:
            return coming.pop()
        await asyncio.Event().wait()
        raise AssertionError("nobody hangs up here")

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(dict(message))

    headers = [(b"host", b"127.0.0.1:8000")]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers}
    await handler(scope, receive, send)
    return sent


@pytest.mark.django_db(transaction=True)
def test_a_request_goes_into_a_thread_once(settings: Any) -> None:
    note = f"{__name__}.note_thread"
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    settings.MIDDLEWARE = [note, *settings.MIDDLEWARE, note]
    seen.clear()

    sent = asyncio.run(asked(ThreadedHandler(), "/healthz"))

    assert sent[0]["status"] == 200
    assert len(seen) == 2
    assert len(set(seen)) == 1
    assert threading.get_ident() not in seen


@pytest.mark.django_db(transaction=True)
def test_an_address_that_is_not_there_is_a_page_and_no_traceback(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["127.0.0.1"]

    sent = asyncio.run(asked(ThreadedHandler(), "/no/such/address/"))

    assert sent[0]["status"] == 404
    assert b"Traceback" not in b"".join(message.get("body", b"") for message in sent)
