"""Changes of an event's agenda, and of who attends its open sessions."""

import hashlib
import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.events.actions import lock
from heldout.events.models import Event, Registration, Session
from heldout.events.rules import Refusal
from heldout.events.session_mail import Note, send_notes


@transaction.atomic
def add_session(event: Event, actor: User | None, **values: Any) -> Session:
    """Put a session on the agenda. Raises Refusal if a value is not valid."""
    session = Session(event=event, **values)
    _save(session, "The session was not added.")
    _audit("session.added", session, actor, after={"title": session.title})
    return session


@transaction.atomic
def change_session(session: Session, actor: User, **values: Any) -> None:
    """Set fields of a session; seats that become free go to the waitlist. Raises Refusal."""
    lock(session.event)
    before = {name: str(getattr(session, name)) for name in values}
    for name, value in values.items():
        setattr(session, name, value)
    _save(session, "The session was not changed.")
    after = {name: str(value) for name, value in values.items()}
    _audit("session.changed", session, actor, before=before, after=after)
    _move_up(session)


@transaction.atomic
def remove_session(session: Session, actor: User) -> None:
    """Take a session off the agenda; whoever registered is told by mail."""
    lock(session.event)
    _audit("session.removed", session, actor, before={"title": session.title})
    registered = list(session.registrations.filter(cancelled_at=None))
    _mail([Note(session, each.name, each.email, "removed") for each in registered])
    session.delete()


@transaction.atomic
def register(session: Session, name: str, email: str) -> None:
    """Give a seat, or a place on the waitlist; a mail says which, with a link to cancel. Raises Refusal.

    Whoever is registered already gets a new link. The page answers the same to both, so that it does
    not tell who is coming.
    """
    lock(session.event)
    session = _fresh(session)
    if not session.is_open:
        raise Refusal("This session takes no registrations.", "It is for the people of the event.")
    if session.ends_at <= timezone.now():
        raise Refusal("This session is over.", "Nobody can register any more.")
    token = secrets.token_urlsafe(24)
    mine = Registration.objects.filter(session=session, email=email.lower(), cancelled_at=None).first()
    if mine is None:
        mine = Registration(session=session, name=name, email=email.lower(), waits=seats_left(session) == 0)
    mine.token_digest = digest(token)
    mine.save()
    _mail([Note(session, mine.name, mine.email, "waits" if mine.waits else "seated", token)])


@transaction.atomic
def cancel(registration: Registration) -> None:
    """Give the seat back; the first who waits gets it. Raises Refusal when it was given back before."""
    lock(registration.session.event)
    seated = Registration.objects.filter(pk=registration.pk, cancelled_at=None, checked_in_at=None)
    if not seated.update(cancelled_at=timezone.now()):
        _refuse_cancel(registration)
    _move_up(_fresh(registration.session))


def registration_of(token: str) -> Registration | None:
    """The registration whose link has `token`."""
    related = Registration.objects.select_related("session__event")
    return related.filter(token_digest=digest(token)).first()


def digest(token: str) -> str:
    """What is kept of a token: its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def seats_left(session: Session) -> int | None:
    """How many more people have a seat; None where there is no limit."""
    if session.capacity is None:
        return None
    taken = session.registrations.filter(cancelled_at=None, waits=False).count()
    return max(0, session.capacity - taken)


def _refuse_cancel(registration: Registration) -> None:
    registration.refresh_from_db()
    if registration.checked_in_at is not None:
        raise Refusal("You are checked in already.", "There is nothing to give back: enjoy the session.")
    raise Refusal("Your registration was cancelled before.", "You can register again on the page.")


def _move_up(session: Session) -> None:
    """Give free seats to those who wait, the earliest first; each gets a mail with a new link."""
    left = seats_left(session)
    waiting = session.registrations.filter(cancelled_at=None, waits=True)
    notes = []
    for registration in waiting[: left if left is not None else None]:
        token = secrets.token_urlsafe(24)
        registration.waits, registration.token_digest = False, digest(token)
        registration.save(update_fields=["waits", "token_digest"])
        notes.append(Note(session, registration.name, registration.email, "moved_up", token))
    _mail(notes)


def _mail(notes: list[Note]) -> None:
    """A post office that is away must not undo what is true, so its failure is logged (`robust`)."""
    transaction.on_commit(lambda: send_notes(notes), robust=True)


def _fresh(session: Session) -> Session:
    """The session as it is now that the event is locked, or Refusal when it is gone."""
    found = Session.objects.select_related("event").filter(pk=session.pk).first()
    if found is None:
        raise Refusal("This session was taken off the agenda.", "Look for another one.")
    return found


def _save(session: Session, subject: str) -> None:
    try:
        session.full_clean()
    except ValidationError as error:
        raise Refusal(subject, "\n".join(error.messages)) from error
    session.save()


def _audit(action: str, session: Session, actor: User | None, **facts: Any) -> None:
    audit.write(action, session, actor=actor, event_slug=session.event.slug, **facts)
