"""Reads about applications."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from heldout.applications.models import Application, Intake, Question
from heldout.applications.models import ApplicationState as State
from heldout.events.models import Event, Invitation, Role, Session


@dataclass(frozen=True)
class Filters:
    """What an organizer looks for; empty means all."""

    state: str = ""
    skill: int | None = None
    text: str = ""


def intake_of(event: Event) -> Intake | None:
    """How the event takes applications, if it does."""
    return Intake.objects.filter(event=event).select_related("event").first()


def questions_of(event: Event) -> list[Question]:
    """What is asked now, in order."""
    return list(Question.objects.filter(event=event, retired_at=None))


def applications_of(event: Event, filters: Filters) -> "QuerySet[Application]":
    """The event's applications, the earliest first. Text is looked for in names, addresses and answers."""
    found = Application.objects.filter(event=event).select_related("invitation", "decided_by")
    if filters.state:
        found = found.filter(state=filters.state)
    if filters.skill:
        found = found.filter(skill=filters.skill)
    if filters.text:
        anywhere = Q(name__icontains=filters.text) | Q(email__icontains=filters.text)
        anywhere |= Q(company__icontains=filters.text) | Q(notes__icontains=filters.text)
        anywhere |= Q(answers__text__icontains=filters.text)
        found = found.filter(pk__in=Application.objects.filter(anywhere, event=event).values("pk"))
    return found


def counts(event: Event) -> dict[str, int]:
    """How many applications are in each state."""
    states = Application.objects.filter(event=event).values_list("state", flat=True)
    return dict(Counter(states))


def waiting(event: Event) -> int:
    """Applications that nobody has looked at."""
    return Application.objects.filter(event=event, state=State.RECEIVED).count()


def places_left(event: Event) -> int | None:
    """Places for applicants; None where there is no limit.

    A place is held by whoever was accepted, until the invitation is revoked or runs out.
    """
    intake = Intake.objects.filter(event=event).first()
    if intake is None or intake.places is None:
        return None
    gone = Q(invitation__revoked_at__isnull=False) | Q(
        invitation__accepted_at=None, invitation__expires_at__lte=timezone.now()
    )
    held = Application.objects.filter(event=event, state=State.ACCEPTED).exclude(gone).count()
    return max(0, intake.places - held)


def waitlist(event: Event) -> "QuerySet[Application]":
    """Who waits, the longest first; without those who were invited in another way meanwhile."""
    waiting = Application.objects.filter(event=event, state=State.WAITLISTED).select_related("event")
    open_invitations = Invitation.objects.filter(event=event, accepted_at=None, revoked_at=None)
    people = Role.objects.filter(event=event).values("user__email")
    waiting = waiting.exclude(email__in=open_invitations.values("email")).exclude(email__in=people)
    return waiting.order_by("decided_at", "id")


def open_sessions(event: Event, now: datetime) -> list[Session]:
    """The event's sessions that anybody may attend and that are not over."""
    return list(Session.objects.filter(event=event, is_open=True, ends_at__gt=now))


def events_with_a_waitlist() -> "QuerySet[Event]":
    """Events in which somebody waits for one of a limited number of places."""
    waits = Q(applications__state=State.WAITLISTED, intake__places__isnull=False)
    return Event.objects.filter(waits).distinct()
