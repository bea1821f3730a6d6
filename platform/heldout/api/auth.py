"""Who calls the API: a browser by its session, a program by a token whose scopes allow the operation."""

import hashlib
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja.errors import AuthenticationError, HttpError
from ninja.security import APIKeyCookie, HttpBearer, django_auth

from heldout.accounts import tokens
from heldout.accounts.models import ApiToken, Scope, User
from heldout.leaderboards.tickets import Entry, enter
from heldout.teams.models import Membership
from heldout.teams.tokens import place_of


class Token(HttpBearer):
    """`Authorization: Bearer hld_...`, with the scope that the operation asks for, if it asks for one."""

    def __init__(self, scope: Scope | None) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The token's person. A token that exists and will not do says why."""
        found = tokens.found(token, now := timezone.now())
        if found is None:
            if request.user.is_authenticated:
                return None  # The session counts.
            # Else Django's check of forms would answer, and whoever has no session be told of a forged one.
            raise AuthenticationError
        if fault := tokens.fault(found, now):
            raise HttpError(401, fault)
        if self.scope is not None:
            _refuse_without(self.scope, found)
        request.user = found.user if found.is_personal else _member(request, found)
        request.api_token = found  # type: ignore[attr-defined]
        # A page of another site makes a browser send cookies, never this header.
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        return request.user


def need(request: HttpRequest, *scopes: Scope) -> None:
    """Raise PermissionDenied for a token that lacks one of the scopes; a session may all that its person may.

    For an operation that knows only within what it asks of its caller.
    """
    if (token := token_of(request)) is not None:
        for scope in scopes:
            _refuse_without(scope, token)


def token_of(request: HttpRequest) -> ApiToken | None:
    """The token by which the request comes; None for a browser."""
    return getattr(request, "api_token", None)


def _refuse_without(scope: Scope, token: ApiToken) -> None:
    if scope not in token.scopes:
        raise PermissionDenied(
            f"The token {token.name!r} lacks the scope `{scope.value}`; it has {', '.join(token.scopes)}. "
            "Make one with that scope under your account."
        )


TEAMLESS = frozenset({"me", "events", "upload"})
"""Operations outside any event that heed `place` by themselves."""


def place(request: HttpRequest) -> Membership | None:
    """The place in a team by whose token the request comes; None for people and their own tokens."""
    return getattr(request, "team_place", None)


def _member(request: HttpRequest, token: ApiToken) -> User:
    """The member as whom a team's token acts, in the team's event and nowhere else."""
    found, at = place_of(token), request.resolver_match
    if found is None:
        raise HttpError(
            401, f"The token {token.name!r} ended with its team, or with its maker's place in it."
        )
    if at is None or ("event" not in at.kwargs and at.url_name not in TEAMLESS):
        raise PermissionDenied(
            f"The token {token.name!r} is a team's: it acts within the event {found.event.slug!r} alone. "
            "Make one of your own under your account."
        )
    if at.kwargs.get("event", found.event.slug) != found.event.slug:
        raise Http404("another event than the team's")
    request.team_place = found  # type: ignore[attr-defined]
    found.user.by_token = token.name
    return found.user


class UploadSession(APIKeyCookie):
    """The session, without reading the form: `receive` checks its token once the size limit is known."""

    param_name = django_auth.param_name

    def __init__(self) -> None:
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """The signed-in user."""
        return request.user if request.user.is_authenticated else None


class BoardSession(APIKeyCookie):
    """A ticket for the board of the address, or the session and the whole check."""

    param_name = django_auth.param_name

    def __init__(self) -> None:
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """The viewer at the board."""
        match = request.resolver_match
        return enter(request, match.kwargs["event"], match.kwargs["challenge"]) if match else None


def caller_key(request: HttpRequest) -> str | None:
    """By what a caller is counted and remembered; None for strangers. Known once the operation began."""
    found = getattr(request, "auth", None)
    if isinstance(found, Entry) and not hasattr(request, "api_token"):
        # Who came in by a ticket is not asked for, since that would take a query.
        session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        return f"session:{hashlib.sha256(session.encode()).hexdigest()}"
    if (at := place(request)) is not None:
        return f"team:{at.team_id}"
    return f"person:{request.user.pk}" if request.user.is_authenticated else None


ANY = [Token(None), django_auth]
READ = [Token(Scope.READ), django_auth]
SUBMIT = [Token(Scope.SUBMIT), django_auth]
UPLOAD = [Token(Scope.SUBMIT), UploadSession()]
BOARD = [Token(Scope.READ), BoardSession()]
TEAM = [Token(Scope.TEAM), django_auth]
COACH = [Token(Scope.COACH), django_auth]
ORGANIZE = [Token(Scope.ORGANIZE), django_auth]
