"""Each request gets an id, a line in the log, and its place in the numbers of this process.

Only the route is kept of an address: addresses of invitations and calendars are secrets themselves.
"""

import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from heldout.live.hub import hub
from scoring.logs import about

logger = logging.getLogger(__name__)

ID_HEADER = "X-Request-ID"
NO_ROUTE = "(no such address)"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = frozenset({"healthz", "readyz", "metrics"})
"""Routes that machines ask every few seconds; they are counted, and not logged."""

of_this_process = CollectorRegistry()
requests = Counter(
    "heldout_requests",
    "Requests that this process has answered, by method, route and status.",
    ["method", "route", "status"],
    registry=of_this_process,
)
seconds = Histogram(
    "heldout_request_seconds",
    "How long this process took to answer, by route.",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=of_this_process,
)
watchers = Gauge(
    "heldout_watchers",
    "Open pages that this process tells of changes as they happen.",
    registry=of_this_process,
)
watchers.set_function(lambda: len(hub.connections))


class Answered:
    """Where the answer is put, to be told of when the block ends."""

    response: HttpResponseBase | None = None


@contextmanager
def followed(request: HttpRequest) -> Iterator[Answered]:
    """Give the request an id, and tell of its answer."""
    request_id, began, answered = secrets.token_hex(8), time.perf_counter(), Answered()
    with about(request=request_id):
        yield answered
        if answered.response is not None:
            answered.response.headers[ID_HEADER] = request_id
            _tell(request, answered.response.status_code, time.perf_counter() - began)


def _tell(request: HttpRequest, status: int, took: float) -> None:
    route = request.resolver_match.route if request.resolver_match else NO_ROUTE
    # What a stranger may name is bounded, or the numbers would grow without end.
    method = request.method if request.method in METHODS else "other"
    requests.labels(method, route, str(status)).inc()
    seconds.labels(route).observe(took)
    if route not in QUIET:
        logger.info("%s %s: %d in %.0f ms", method, route, status, 1000 * took)


@sync_and_async_middleware
def follow(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """The outermost middleware, so that every line of a request carries its id."""
    if iscoroutinefunction(get_response):
        return _asynchronous(get_response)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with followed(request) as answered:
            answered.response = response = get_response(request)
        return response  # type: ignore[no-any-return]

    return middleware


def _asynchronous(
    get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]],
) -> Callable[[HttpRequest], Awaitable[HttpResponseBase]]:
    async def middleware(request: HttpRequest) -> HttpResponseBase:
        with followed(request) as answered:
            answered.response = response = await get_response(request)
        return response

    return middleware
