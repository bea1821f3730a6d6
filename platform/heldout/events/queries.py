"""Reads about events that pages and the API share."""

from dataclasses import dataclass
from datetime import datetime

from heldout.accounts.models import User
from heldout.events.models import Event, Invitation, RoleName
from heldout.events.rules import InvitationState, is_operator, state_of


@dataclass(frozen=True)
class InvitationRow:
    """An invitation as the list shows it."""

    invitation: Invitation
    state: InvitationState
    can_resend: bool
    can_revoke: bool
    mail_failed: bool

    @property
    def key(self) -> str:
        """A name for it within the page."""
        return str(self.invitation.pk)


def invitations_of(event: Event, now: datetime) -> list[InvitationRow]:
    """The invitations of `event`, the newest first."""
    found = Invitation.objects.filter(event=event).select_related("invited_by", "accepted_by")
    return [_row(invitation, state_of(invitation, now)) for invitation in found]


def events_of(user: User) -> list[Event]:
    """The events in which `user` has a role, the newest first; all of them for who runs the site."""
    events = Event.objects.order_by("-starts_at")
    return list(events if is_operator(user) else events.filter(roles__user=user))


def people_in(event: Event, role: RoleName) -> list[User]:
    """The people who are `role` in `event`, by name."""
    return list(User.objects.filter(roles__event=event, roles__name=role).order_by("name", "email"))


def _row(invitation: Invitation, state: InvitationState) -> InvitationRow:
    is_open = state in ("pending", "expired")
    return InvitationRow(
        invitation=invitation,
        state=state,
        can_resend=is_open,
        can_revoke=is_open,
        mail_failed=is_open and invitation.mailed_at is None,
    )
