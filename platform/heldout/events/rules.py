"""Pure questions about who somebody is in an event, and the one way of saying no."""

from datetime import datetime
from typing import Literal

from django.contrib.auth.models import AnonymousUser

from heldout.accounts.models import User
from heldout.events.models import Event, Invitation, Role, RoleName

Viewer = User | AnonymousUser
Phase = Literal["before", "running", "over"]
InvitationState = Literal["pending", "expired", "accepted", "revoked"]


class Refusal(Exception):
    """Something that people may not do now. Pages show `subject`, then `text`, which says what to do."""

    def __init__(self, subject: str, text: str) -> None:
        super().__init__(f"{subject} {text}")
        self.subject = subject
        self.text = text


def role_of(user: Viewer, event: Event) -> RoleName | None:
    """What `user` is in `event`; None for strangers and for people who are signed out."""
    if not user.is_authenticated:
        return None
    name = Role.objects.filter(event=event, user=user).values_list("name", flat=True).first()
    return RoleName(name) if name else None


def is_operator(user: Viewer) -> bool:
    """Whether `user` runs the whole site, and so may do in each event what its organizers may."""
    return user.is_active and user.is_staff and user.is_superuser


def is_organizer(user: Viewer, event: Event) -> bool:
    """Whether `user` may change `event`."""
    return is_operator(user) or role_of(user, event) == RoleName.ORGANIZER


def is_crew(user: Viewer, event: Event) -> bool:
    """Whether `user` stands at the door of its sessions: its organizers and coaches."""
    return is_operator(user) or role_of(user, event) in (RoleName.ORGANIZER, RoleName.COACH)


def may_see(user: Viewer, event: Event) -> bool:
    """Whether `user` may know that `event` exists."""
    return is_operator(user) or role_of(user, event) is not None


def may_create_event(user: Viewer) -> bool:
    """Whether `user` may open a new event: staff, and whoever already organizes one."""
    if not user.is_authenticated:
        return False
    return user.is_staff or Role.objects.filter(user=user, name=RoleName.ORGANIZER).exists()


def phase_of(event: Event, now: datetime) -> Phase:
    """Where the event is in time."""
    if now < event.starts_at:
        return "before"
    return "running" if now < event.ends_at else "over"


def state_of(invitation: Invitation, now: datetime) -> InvitationState:
    """What `invitation` is good for at `now`."""
    if invitation.accepted_at is not None:
        return "accepted"
    if invitation.revoked_at is not None:
        return "revoked"
    return "pending" if now < invitation.expires_at else "expired"
