"""Reads about agendas."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.core import signing
from django.db.models import Count, Q, QuerySet

from heldout.accounts.models import User
from heldout.events.models import Event, Session
from heldout.events.rules import may_see

SALT = "heldout.agenda"


@dataclass(frozen=True)
class SessionRow:
    """A session on the agenda. `is_now`: it is on."""

    session: Session
    is_now: bool
    is_over: bool
    registered: int
    waiting: int


@dataclass(frozen=True)
class Day:
    """The sessions of one day in the event's time zone."""

    date: date
    rows: list[SessionRow]
    is_today: bool


def agenda(event: Event, now: datetime) -> list[Day]:
    """The event's sessions by day."""
    rows = [_row(session, now) for session in _counted(event)]
    today = now.astimezone(event.zone).date()
    days = groupby(rows, key=lambda row: row.session.starts_at.astimezone(event.zone).date())
    return [Day(day, list(found), day == today) for day, found in days]


def coming_up(event: Event, now: datetime, most: int = 3) -> list[SessionRow]:
    """What is on, and what comes next."""
    rows = (_row(session, now) for session in _counted(event).filter(ends_at__gt=now)[:most])
    return list(rows)


def feed_token(event: Event, user: User) -> str:
    """What lets a calendar, which cannot sign in, read the agenda for `user`."""
    return signing.dumps([event.pk, user.pk], salt=SALT)


def event_of_feed(token: str) -> Event | None:
    """The event whose agenda the token lets somebody read, as long as they may see the event."""
    try:
        event_key, user_key = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    event, user = Event.objects.filter(pk=event_key).first(), User.objects.filter(pk=user_key).first()
    return event if event and user and user.is_active and may_see(user, event) else None


def _counted(event: Event) -> "QuerySet[Session]":
    seated = Q(registrations__cancelled_at=None, registrations__email__isnull=False)
    return Session.objects.filter(event=event).annotate(
        seated=Count("registrations", filter=seated & Q(registrations__waits=False)),
        waiting=Count("registrations", filter=seated & Q(registrations__waits=True)),
    )


def _row(session: Session, now: datetime) -> SessionRow:
    return SessionRow(
        session=session,
        is_now=session.starts_at <= now < session.ends_at,
        is_over=session.ends_at <= now,
        registered=getattr(session, "seated", 0),
        waiting=getattr(session, "waiting", 0),
    )
