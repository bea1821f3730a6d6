"""What applicants are told by mail. Whoever is accepted gets an invitation, which `heldout.events` sends."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.urls import reverse

from heldout.applications.models import Application
from heldout.events.wording import compose

What = Literal["received", "again", "waitlisted", "declined"]


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
    values = {"name": application.name, "link": note.link}
    return compose(application.event, note.what, application.email, values)
