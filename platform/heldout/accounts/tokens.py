"""API tokens: a person's key for programs, with scopes and an end. Only a digest of it is kept."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from heldout.accounts.models import ApiToken, Scope, User

PREFIX = "hld_"
"""By it a program that looks for leaked keys knows one of ours."""
LONGEST_DAYS = 365
SEEN_EVERY = timedelta(minutes=1)
"""How exactly the last use is known: not every request writes."""


def of(user: User) -> "QuerySet[ApiToken]":
    """The tokens that act for somebody everywhere; those of teams stand on their teams' pages."""
    return ApiToken.objects.filter(user=user, is_personal=True)


@transaction.atomic
def make(
    user: User, name: str, scopes: Sequence[Scope], days: int, *, is_personal: bool = True
) -> tuple[ApiToken, str]:
    """A new token of `user` for so many days, at most a year. The text is told once and never again."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        scopes=sorted(scopes),
        is_personal=is_personal,
        digest=digest(secret),
        expires_at=timezone.now() + timedelta(days=min(days, LONGEST_DAYS)),
    )
    return token, secret


def digest(secret: str) -> str:
    """What is kept of a token. It is as random as its digest, so that no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def revoke(token: ApiToken) -> None:
    """Let the token be of no use from now on."""
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())


def found(secret: str, now: datetime) -> ApiToken | None:
    """The token with this text, of a person who may sign in; whether it still holds is `fault`'s to say."""
    token = ApiToken.objects.select_related("user").filter(digest=digest(secret)).first()
    if token is None or not token.user.is_active:
        return None
    if token.last_used_at is None or now - token.last_used_at > SEEN_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def fault(token: ApiToken, now: datetime) -> str:
    """Why a token is of no use any more, as a sentence; empty while it is."""
    if token.revoked_at is not None:
        return f"The token {token.name!r} was revoked. Make another one under your account."
    if now >= token.expires_at:
        return f"The token {token.name!r} ended on {token.expires_at:%d %B %Y}. Make another one."
    return ""
