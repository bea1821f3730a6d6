"""The API for a program that has no token yet: ask for a code, then for the token (RFC 8628 with JSON)."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from ninja import Field, Router, Schema
from pydantic import AfterValidator

from heldout.accounts import device
from heldout.accounts.models import Scope
from heldout.api.problems import problem

router = Router(tags=["device login"])


def _plain(name: str) -> str:
    """A name as one line of signs that can be seen."""
    name = " ".join(name.split())
    if not name or not name.isprintable():
        raise ValueError("found no printable text; expected the name of your program")
    return name


class DeviceIn(Schema):
    """Which program asks, and for what."""

    name: Annotated[str, AfterValidator(_plain)] = Field(max_length=60, examples=["heldout on ada's laptop"])
    scopes: list[Scope] = Field(min_length=1, max_length=10, examples=[["read", "submit"]])


class DeviceOut(Schema):
    """Show `user_code` and `verification_uri`; keep `device_code`; ask every `interval` seconds."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


class DeviceCodeIn(Schema):
    """The code that was told once."""

    device_code: str = Field(min_length=1, max_length=100)


class DeviceTokenOut(Schema):
    """The token, told once."""

    token: str
    user: str
    """The mail address of the person for whom it acts."""
    scopes: list[str]
    expires_at: datetime


@router.post("/device/authorize", response=DeviceOut, auth=None, summary="Begin a login by code")
def authorize(request: HttpRequest, response: HttpResponse, asked: DeviceIn) -> Any:
    """No token is needed. The person confirms in the browser, within ten minutes."""
    if not ratelimit.consume(request, action="device_ask"):
        return _too_often()
    begun = device.begin(asked.name, sorted(set(asked.scopes)), timezone.now())
    response["Cache-Control"] = "no-store"
    page = settings.PUBLIC_URL + reverse("device")
    return DeviceOut(
        device_code=begun.device_code,
        user_code=begun.login.user_code,
        verification_uri=page,
        verification_uri_complete=f"{page}?{urlencode({'code': begun.login.user_code})}",
        expires_in=int(device.LASTS.total_seconds()),
        interval=int(device.INTERVAL.total_seconds()),
    )


@router.post(
    "/device/token", response=DeviceTokenOut, auth=None, summary="Fetch the token of a login by code"
)
def token(request: HttpRequest, response: HttpResponse, asked: DeviceCodeIn) -> Any:
    """Until it is confirmed the answer is 400.

    `code` is then one of `authorization_pending`, `slow_down`, `access_denied`, `expired_token`.
    """
    try:
        made, secret = device.redeem(asked.device_code, timezone.now())
    except device.Pending as why:
        return problem(HTTPStatus.BAD_REQUEST, "There is no token", why.text, code=why.code)
    response["Cache-Control"] = "no-store"
    return DeviceTokenOut(token=secret, user=made.user.email, scopes=made.scopes, expires_at=made.expires_at)


def _too_often() -> JsonResponse:
    text = "Too many logins were begun from your network. Wait a minute, then try again."
    answer = problem(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests", text)
    answer["Retry-After"] = "60"
    return answer
