"""Machines ask for health and numbers by whatever address they know: a container's, a service's.

Nothing in those answers depends on the name that was asked for, so it is not held against them. Every other
address is answered under the site's own names alone.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

FOR_MACHINES = frozenset({"/healthz", "/readyz", "/metrics"})


def _called_properly(request: HttpRequest) -> HttpRequest:
    if request.path in FOR_MACHINES:
        request.META["HTTP_HOST"] = urlsplit(settings.PUBLIC_URL).netloc
    return request


@sync_and_async_middleware
def by_any_name(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Stands before whatever looks at the host's name."""
    if iscoroutinefunction(get_response):
        return _asynchronous(get_response)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return get_response(_called_properly(request))  # type: ignore[no-any-return]

    return middleware


def _asynchronous(
    get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]],
) -> Callable[[HttpRequest], Awaitable[HttpResponseBase]]:
    async def middleware(request: HttpRequest) -> HttpResponseBase:
        return await get_response(_called_properly(request))

    return middleware
