"""The mails to people who attend open sessions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.urls import reverse
from django.utils.formats import date_format

from heldout.events.models import Session
from heldout.events.wording import compose

What = Literal["seated", "waits", "moved_up", "removed"]


@dataclass(frozen=True)
class Note:
    """What somebody is told. The token of the link to cancel is known until the mail has gone."""

    session: Session
    name: str
    email: str
    what: What
    token: str = ""

    @property
    def link(self) -> str:
        """The address that cancels the registration."""
        return (
            f"{settings.PUBLIC_URL}{reverse('cancel_registration', args=[self.token])}" if self.token else ""
        )


def send_notes(notes: Iterable[Note]) -> None:
    """Send them through one connection. Raises what the connection raises."""
    with get_connection() as connection:
        for note in notes:
            message = _message(note)
            message.connection = connection
            message.send()


def _message(note: Note) -> EmailMultiAlternatives:
    session, event = note.session, note.session.event
    starts, ends = session.starts_at.astimezone(event.zone), session.ends_at.astimezone(event.zone)
    values = {
        "name": note.name,
        "session": session.title,
        "when": f"{date_format(starts, 'l, j F Y, H:i')} to {date_format(ends, 'H:i')} ({event.time_zone})",
        "where": ", ".join(filter(None, [session.room, event.venue])),
        "link": note.link,
    }
    return compose(event, note.what, note.email, values)
