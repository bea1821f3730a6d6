"""What the addresses of the API name, for those who may see it."""

from collections.abc import Collection
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from ninja.errors import ValidationError

from heldout.accounts.models import User
from heldout.catalog.access import find_challenge, find_published
from heldout.catalog.models import Challenge
from heldout.events.access import find_event
from heldout.events.models import Event
from heldout.events.rules import Refusal, is_organizer
from heldout.submissions.models import Submission
from heldout.submissions.queries import submission_or_none
from heldout.teams.models import Team
from heldout.teams.queries import team_of
from heldout.teams.rules import may_see_team

M = TypeVar("M", bound=Model)
EVENT = "/events/{slug:event}"
CHALLENGE = EVENT + "/challenges/{slug:challenge}"
SUBMISSION = EVENT + "/submissions/{submission}"


def caller(request: HttpRequest) -> User:
    """Who asks; the operation has let nobody else in."""
    return cast(User, request.user)


def challenge_open_to(request: HttpRequest, event: str, challenge: str) -> Challenge:
    """A challenge that is open to the caller. Raises Http404."""
    return find_challenge(find_event(request.user, event), challenge, request.user)


def challenge_known_to(request: HttpRequest, event: str, challenge: str) -> Challenge:
    """A challenge that may still be closed to the caller's team, so that the refusal says what opens it."""
    return find_published(find_event(request.user, event), challenge, request.user)


def own_team(request: HttpRequest, event: Event) -> Team:
    """The caller's team in the event. Raises Refusal."""
    team = team_of(request.user, event)
    if team is None:
        raise Refusal("You are in no team.", "Join a team or found one, then submit.")
    return team


def team_seen_by(request: HttpRequest, event: Event, team: int) -> Team:
    """A team whose private things the caller may see: its members, its coach, the organizers."""
    found = Team.objects.select_related("event", "coach").filter(pk=team, event=event).first()
    if found is None or not may_see_team(request.user, found):
        raise Http404(f"no team {team} for this viewer")
    return found


def submission_seen_by(request: HttpRequest, event: str, submission: UUID) -> Submission:
    """A submission that the caller may see. Raises Http404."""
    found = submission_or_none(find_event(request.user, event), submission, request.user)
    if found is None:
        raise Http404(f"no submission {submission} for this viewer")
    return found


def organized(request: HttpRequest, event: str) -> Event:
    """The event, for its organizers. Raises Http404."""
    return find_event(request.user, event, is_organizer)


def unknown(field: str, found: str, expected: str) -> ValidationError:
    """What to raise where a field of the body names something that is not there."""
    text = f"found {found}; expected {expected}"
    return ValidationError([{"type": "unknown", "loc": ["body", "given", field], "msg": text}])


def named(rows: "QuerySet[M, Any]", field: str, key: object, expected: str) -> M:
    """The one of `rows` that a field of the body names. Raises ValidationError."""
    [found] = all_named(rows, field, [key], expected)
    return found


def named_or_none(rows: "QuerySet[M, Any]", field: str, key: object | None, expected: str) -> M | None:
    """The one that a field names, or None where it names none. Raises ValidationError."""
    return None if key is None else named(rows, field, key, expected)


def all_named(rows: "QuerySet[M, Any]", field: str, keys: Collection[object], expected: str) -> list[M]:
    """Those of `rows` that a field of the body names. Raises ValidationError, which tells the others."""
    found = {row.pk: row for row in rows.filter(pk__in=keys)}
    if missing := [str(key) for key in keys if key not in found]:
        raise unknown(field, ", ".join(missing), expected)
    return list(found.values())
