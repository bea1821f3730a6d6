"""Pure questions about addresses that are told, and when a message is tried again."""

from datetime import datetime, timedelta

from heldout.events.models import Event
from heldout.events.rules import Viewer, is_organizer
from heldout.teams.models import Team
from heldout.teams.queries import team_of
from heldout.teams.rules import is_member
from heldout.webhooks.models import Hook

WAITS = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=40),
    timedelta(hours=2),
    timedelta(hours=7),
    timedelta(hours=14),
)
"""How long after each failed try the next one comes: eight tries within a day."""
LONGEST_REST = timedelta(minutes=10)
"""How long an address that failed is left alone at most, though other messages wait for it."""
OLD_SECRET_LASTS = timedelta(hours=24)
GONE = 410
"""The answer of an address that wants to hear no more."""


def wait_after(tries: int) -> timedelta | None:
    """How long to wait after so many failed tries; None when that was the last."""
    return WAITS[tries - 1] if tries <= len(WAITS) else None


def may_change(user: Viewer, hook: Hook) -> bool:
    """Whether `user` may see and change the address: the team's members, or else the organizers."""
    if hook.team is not None:
        return is_member(user, hook.team)
    return is_organizer(user, hook.event)


def owner_for(user: Viewer, event: Event) -> tuple[bool, Team | None]:
    """Whether somebody may have addresses in the event, and for which team; organizers for none."""
    if is_organizer(user, event):
        return True, None
    team = team_of(user, event)
    return team is not None, team


def keys_of(hook: Hook, now: datetime) -> list[str]:
    """With which secrets a message is signed now."""
    old = [hook.old_secret] if hook.old_secret and hook.old_until and now < hook.old_until else []
    return [hook.secret, *old]
