"""What every page knows: whether this is the demo, and where in an event its reader is."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import ResolverMatch, reverse

from heldout.accounts.models import User
from heldout.events.models import Event, RoleName
from heldout.events.rules import is_organizer, may_see, role_of

PEOPLE = {
    "wordings",
    "wording_edit",
    "invitations",
    "applications",
    "application",
    "intake",
    "question_new",
    "question_edit",
    "roster",
}


CONTROL = {
    "control",
    "gates",
    "board_rules",
    "integrity",
    "bundles",
    "bundle",
    "interventions",
    "disqualify_submission",
    "exports",
}
BOARDS = {"event_home", "challenge", "board", "submission", "points", "final_board", "pictures"}


@dataclass(frozen=True)
class Way:
    """One entry of an event's navigation."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Place:
    """The event that a page belongs to, and what its reader is in it."""

    event: Event
    role: RoleName | None
    organizes: bool
    ways: list[Way]


def site(request: HttpRequest) -> dict[str, Any]:
    """The context of every page. `place` is None outside events and for whoever may not see the event."""
    return {"demo": settings.DEMO, "place": place_of(request)}


def place_of(request: HttpRequest) -> Place | None:
    """Where the reader is, from the address of the page."""
    user = getattr(request, "user", AnonymousUser())
    match = request.resolver_match
    if match is None or "event" not in match.kwargs or not isinstance(user, User):
        return None
    event = Event.objects.filter(slug=match.kwargs["event"]).first()
    if event is None or not may_see(user, event):
        return None
    role, organizes = role_of(user, event), is_organizer(user, event)
    return Place(event, role, organizes, _ways(match, event, role, organizes))


def _ways(match: ResolverMatch, event: Event, role: RoleName | None, organizes: bool) -> list[Way]:
    entries = [("Challenges", "event_home", BOARDS)]
    if role == RoleName.PARTICIPANT:
        entries.append(("Team", "team", {"team", "finder"}))
    else:
        entries.append(("Teams", "teams", {"teams", "team", "finder", "assign_teams"}))
    entries.append(("Notices", "notices", {"notices", "questions", "announcement_edit"}))
    entries.append(("Agenda", "agenda", {"agenda", "session_new", "session_edit", "attendance", "scanned"}))
    if organizes or role == RoleName.COACH:
        entries.append(("Coaching", "cockpit", {"cockpit", "coaching"}))
    if organizes:
        entries.append(("People", "invitations", PEOPLE))
        entries.append(("Control room", "control", CONTROL))
    return [
        Way(label, reverse(name, args=[event.slug]), match.url_name in names)
        for label, name, names in entries
    ]
