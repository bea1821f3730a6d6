"""The mails to people who attend open sessions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.urls import reverse

from heldout.events.models import Session

What = Literal["seated", "waits", "moved_up", "removed"]
SUBJECTS: dict[What, str] = {
    "seated": "You have a seat: {}",
    "waits": "You are on the waitlist: {}",
    "moved_up": "You have a seat now: {}",
    "removed": "It does not take place: {}",
}


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
    context = {"note": note, "session": note.session, "event": note.session.event}
    message = EmailMultiAlternatives(
        subject=" ".join(SUBJECTS[note.what].format(note.session.title).split()),
        body=render_to_string("mail/session.txt", context),
        to=[note.email],
    )
    message.attach_alternative(render_to_string("mail/session.html", context), "text/html")
    return message
