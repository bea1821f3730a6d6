"""Who came to an open session: checking people in at its door."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.events.actions import lock
from heldout.events.models import Registration, Session
from heldout.events.rules import Refusal


@dataclass(frozen=True)
class Counts:
    """How full a session is."""

    seated: int
    came: int
    waiting: int


@transaction.atomic
def check_in(registration: Registration, actor: User) -> bool:
    """Note that somebody came; False if that was noted before. Raises Refusal where there is no seat."""
    found = _locked(registration)
    if found.cancelled_at is not None:
        raise Refusal(f"{found.name} has cancelled.", "They can register again on the session's public page.")
    if found.checked_in_at is not None:
        return False
    if found.waits:
        raise Refusal(
            f"{found.name} is on the waitlist.",
            "They are checked in once they have a seat: raise the capacity.",
        )
    _note(found, actor, "session.checked_in")
    return True


@transaction.atomic
def undo_check_in(registration: Registration, actor: User) -> None:
    """Take a check-in back. Raises Refusal if there is none."""
    found = _locked(registration)
    if found.checked_in_at is None:
        raise Refusal(f"{found.name} is not checked in.", "Reload the page to see who is.")
    _note(found, None, "session.check_in_undone", by=actor)


def registered_in(session: Session, text: str = "") -> "QuerySet[Registration]":
    """Who is registered, by name; `text` is looked for in names and addresses."""
    found = session.registrations.filter(cancelled_at=None).select_related("checked_in_by")
    if text:
        found = found.filter(Q(name__icontains=text) | Q(email__icontains=text))
    return found.order_by("waits", "name", "id")


def counts(session: Session) -> Counts:
    """How many have a seat, came, and wait."""
    there = session.registrations.filter(cancelled_at=None)
    seated = there.filter(waits=False)
    came = seated.exclude(checked_in_at=None)
    return Counts(seated.count(), came.count(), there.filter(waits=True).count())


def table(session: Session) -> Iterator[dict[str, object]]:
    """A row for each registration, cancelled ones too. Times are in the event's zone."""
    zone = session.event.zone
    for one in session.registrations.select_related("checked_in_by").order_by("name", "id"):
        state = "cancelled" if one.cancelled_at else "waitlist" if one.waits else "seat"
        came = one.checked_in_at
        yield {
            "name": one.name,
            "email": one.email,
            "state": state,
            "registered_at": one.at.astimezone(zone).isoformat(timespec="seconds"),
            "checked_in_at": came.astimezone(zone).isoformat(timespec="seconds") if came else "",
            "checked_in_by": str(one.checked_in_by or ""),
        }


def _locked(registration: Registration) -> Registration:
    """The registration as it is now that the event is locked."""
    lock(registration.session.event)
    found = Registration.objects.select_related("session__event").filter(pk=registration.pk).first()
    if found is None:
        raise Refusal("This session was taken off the agenda.", "There is nobody to check in any more.")
    return found


def _note(registration: Registration, came: User | None, action: str, by: User | None = None) -> None:
    registration.checked_in_at = timezone.now() if came else None
    registration.checked_in_by = came
    registration.save(update_fields=["checked_in_at", "checked_in_by"])
    slug = registration.session.event.slug
    audit.write(action, registration, actor=came or by, event_slug=slug)
