"""The mails that an event sends."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.urls import reverse
from django.utils import timezone

from heldout.events.models import Invitation
from heldout.events.wording import compose, day_of


@dataclass(frozen=True)
class Letter:
    """An invitation and the token of its link, which is known until the mail has gone and not after."""

    invitation: Invitation
    token: str

    @property
    def link(self) -> str:
        """The address that accepts the invitation."""
        return f"{settings.PUBLIC_URL}{reverse('invitation_accept', args=[self.token])}"


def send_invitations(letters: Iterable[Letter]) -> None:
    """Send them through one connection and note of each when it went.

    Raises what the connection raises; those not yet sent keep an empty `mailed_at`, which pages show.
    """
    with get_connection() as connection:
        for letter in letters:
            message = _message(letter)
            message.connection = connection
            message.send()
            Invitation.objects.filter(pk=letter.invitation.pk).update(mailed_at=timezone.now())


def _message(letter: Letter) -> EmailMultiAlternatives:
    invitation, event = letter.invitation, letter.invitation.event
    values = {
        "inviter": str(invitation.invited_by or f"The team of {event.name}"),
        "role": invitation.get_role_display().lower(),
        "until": day_of(event, invitation.expires_at),
        "link": letter.link,
    }
    return compose(event, "invitation", invitation.email, values)
