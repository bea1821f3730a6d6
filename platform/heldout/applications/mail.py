"""What applicants are told by mail. Whoever is accepted gets an invitation, which `heldout.events` sends."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.urls import reverse

from heldout.applications.models import Application

What = Literal["received", "again", "waitlisted", "declined"]
SUBJECTS: dict[What, str] = {
    "received": "We have your application: {}",
    "again": "You have applied already: {}",
    "waitlisted": "You are on the waitlist: {}",
    "declined": "Your application: {}",
}


@dataclass(frozen=True)
class Note:
    """What an applicant is told. The token of the link is known until the mail has gone."""

    application: Application
    what: What
    token: str = ""

    @property
    def link(self) -> str:
        """The address at which the application is seen and withdrawn."""
        return f"{settings.PUBLIC_URL}{reverse('application_own', args=[self.token])}" if self.token else ""


def send_notes(notes: Iterable[Note]) -> None:
    """Send them through one connection. Raises what the connection raises."""
    with get_connection() as connection:
        for note in notes:
            message = _message(note)
            message.connection = connection
            message.send()


def _message(note: Note) -> EmailMultiAlternatives:
    application = note.application
    context = {"note": note, "application": application, "event": application.event}
    message = EmailMultiAlternatives(
        subject=" ".join(SUBJECTS[note.what].format(application.event.name).split()),
        body=render_to_string("mail/application.txt", context),
        to=[application.email],
    )
    message.attach_alternative(render_to_string("mail/application.html", context), "text/html")
    return message
