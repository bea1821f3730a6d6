"""How much anybody may ask of the API within a minute, and saying so on each answer.

People are counted by who they are, whichever of their tokens and browsers ask, and strangers by their
address. Counts are in Redis: they may be lost, and without Redis nobody is counted.
"""

import hashlib
import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Literal, NamedTuple

import redis
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja.throttling import BaseThrottle

from heldout.api.auth import caller_key
from heldout.api.problems import problem
from heldout.broadcast import connection

logger = logging.getLogger(__name__)

Kind = Literal["reads", "writes", "uploads", "strangers"]
WINDOW_SECONDS = 60
SAFE = ("GET", "HEAD", "OPTIONS")


class Rate(NamedTuple):
    """How many requests a minute may have, how many it has had, and when the next one begins."""

    limit: int
    used: int
    seconds: int

    @property
    def is_over(self) -> bool:
        """Whether this one is too many."""
        return self.used > self.limit


class Limit(BaseThrottle):
    """Counts a request when it is known who asks."""

    def allow_request(self, request: HttpRequest) -> bool:
        """Whether it is not one too many."""
        rate = getattr(request, "rate", None) or _counted(request)
        request.rate = rate  # type: ignore[attr-defined]
        return rate is None or not rate.is_over


def limited(run: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let an operation of the API answer with what is left; strangers are counted before it begins."""

    @wraps(run)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not _brings_credentials(request):
            request.rate = count("strangers", _address(request))  # type: ignore[attr-defined]
        rate: Rate | None = getattr(request, "rate", None)
        response = _too_many(rate) if rate and rate.is_over else run(request, *args, **kwargs)
        rate = getattr(request, "rate", None)
        if rate is None and response.status_code == HTTPStatus.UNAUTHORIZED:
            # Whoever tries out tokens is a stranger, too.
            rate = count("strangers", _address(request))
        if rate is None:
            return response
        if rate.is_over:
            response = _too_many(rate)
        return _with_headers(response, rate)

    return told


def count(kind: Kind, who: str) -> Rate | None:
    """Count one request; None where there is no limit, or no Redis."""
    limit = settings.API_LIMITS[kind]
    if not limit:
        return None
    name = f"api-limit:{kind}:{who}"
    try:
        with connection().pipeline() as pipe:
            pipe.set(name, 0, ex=WINDOW_SECONDS, nx=True)
            pipe.incr(name)
            pipe.ttl(name)
            _, used, seconds = pipe.execute()
    except redis.RedisError as error:
        logger.warning("requests are not counted: %s", error)
        return None
    return Rate(limit, used, max(1, seconds))


def _counted(request: HttpRequest) -> Rate | None:
    who = caller_key(request)
    return count("strangers", _address(request)) if who is None else count(_kind(request), who)


def _kind(request: HttpRequest) -> Kind:
    if request.method in SAFE:
        return "reads"
    return "uploads" if request.content_type == "multipart/form-data" else "writes"


def _brings_credentials(request: HttpRequest) -> bool:
    return "Authorization" in request.headers or settings.SESSION_COOKIE_NAME in request.COOKIES


def _address(request: HttpRequest) -> str:
    try:
        address = get_adapter(request).get_client_ip(request)
    except PermissionDenied:
        address = "unknown"
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def _too_many(rate: Rate) -> HttpResponseBase:
    return problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "That was a lot within a minute.",
        f"Up to {rate.limit} such requests are answered. Go on in {rate.seconds} s, as `Retry-After` says.",
    )


def _with_headers(response: HttpResponseBase, rate: Rate) -> HttpResponseBase:
    response["RateLimit-Limit"] = str(rate.limit)
    response["RateLimit-Remaining"] = str(max(0, rate.limit - rate.used))
    response["RateLimit-Reset"] = str(rate.seconds)
    if rate.is_over:
        response["Retry-After"] = str(rate.seconds)
    return response
