"""Signing a program in by a code that its person types in the browser (RFC 8628).

The program keeps a long device code, of which only a digest is kept here, and shows a short user code. Who
types that, signed in, sees what asks for what, and allows or refuses it. Then the program fetches its token.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from heldout.accounts import tokens
from heldout.accounts.models import ApiToken, DeviceAnswer, DeviceLogin, Scope, User

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so that no code is a word; no digits, so that none is taken for a letter."""
LASTS = timedelta(minutes=10)
INTERVAL = timedelta(seconds=5)
"""How long a program waits between two questions."""
LENIENCE = timedelta(seconds=1)
"""A program that keeps to the interval may come early by what the network's delays differ."""
TOKEN_DAYS = 30


class Pending(Exception):
    """There is no token to give, by one of the codes of RFC 8628."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass(frozen=True)
class Begun:
    """A login that waits for its person. The device code is told once."""

    login: DeviceLogin
    device_code: str


def begin(name: str, scopes: Sequence[Scope], now: datetime) -> Begun:
    """Let a program ask. What ended long ago is cleared away on the way."""
    DeviceLogin.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()
    device_code = secrets.token_urlsafe(32)
    login = DeviceLogin.objects.create(
        name=name,
        scopes=sorted(scopes),
        user_code=_new_code(),
        digest=tokens.digest(device_code),
        expires_at=now + LASTS,
    )
    return Begun(login, device_code)


def _new_code() -> str:
    letters = "".join(secrets.choice(LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def normalized(typed: str) -> str:
    """A code as it is kept, however somebody typed it."""
    letters = re.sub(r"[^A-Z]", "", typed.upper()[:40])
    return f"{letters[:4]}-{letters[4:]}"


def waiting(typed: str, now: datetime) -> DeviceLogin | None:
    """The login that waits under this code; None if none does, its time is over, or it was answered."""
    return DeviceLogin.objects.filter(
        user_code=normalized(typed), expires_at__gt=now, answer=DeviceAnswer.WAITING
    ).first()


def decide(login: DeviceLogin, user: User, now: datetime, *, allow: bool) -> bool:
    """Allow or refuse it for `user`; False if somebody has answered already or its time is over."""
    answer = DeviceAnswer.ALLOWED if allow else DeviceAnswer.REFUSED
    still = DeviceLogin.objects.filter(pk=login.pk, answer=DeviceAnswer.WAITING, expires_at__gt=now)
    return still.update(answer=answer, user=user) == 1


def redeem(device_code: str, now: datetime) -> tuple[ApiToken, str]:
    """The token, once, with its text. Raises Pending while there is none, and when there will be none."""
    login = DeviceLogin.objects.filter(digest=tokens.digest(device_code)).select_related("user").first()
    if login is None or now >= login.expires_at or login.answer == DeviceAnswer.REDEEMED:
        raise Pending("expired_token", "The code is unknown, was used, or is too old. Begin again.")
    if login.answer == DeviceAnswer.REFUSED:
        raise Pending("access_denied", "The person refused. Begin again if that was a mistake.")
    if login.answer == DeviceAnswer.WAITING:
        raise _not_yet(login, now)
    return _token_of(login)


def _not_yet(login: DeviceLogin, now: datetime) -> Pending:
    """Also note when it asked."""
    DeviceLogin.objects.filter(pk=login.pk).update(asked_at=now)
    if login.asked_at is not None and now - login.asked_at < INTERVAL - LENIENCE:
        seconds = int(INTERVAL.total_seconds())
        return Pending("slow_down", f"Ask every {seconds} seconds at most.")
    return Pending("authorization_pending", "Nobody has confirmed the code yet. Ask again.")


@transaction.atomic
def _token_of(login: DeviceLogin) -> tuple[ApiToken, str]:
    """Of two that ask at once, one gets it."""
    allowed = DeviceLogin.objects.filter(pk=login.pk, answer=DeviceAnswer.ALLOWED)
    if login.user is None or not login.user.is_active or not allowed.update(answer=DeviceAnswer.REDEEMED):
        raise Pending("expired_token", "The code was used, or its person's account is closed. Begin again.")
    return tokens.make(login.user, login.name, [Scope(scope) for scope in login.scopes], TOKEN_DAYS)
