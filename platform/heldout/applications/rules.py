"""Pure questions about applications."""

from datetime import datetime
from typing import Literal

from heldout.applications.models import ApplicationState as State
from heldout.applications.models import Intake

Decision = Literal["shortlist", "accept", "waitlist", "decline"]

BECOMES: dict[Decision, State] = {
    "shortlist": State.SHORTLISTED,
    "accept": State.ACCEPTED,
    "waitlist": State.WAITLISTED,
    "decline": State.DECLINED,
}
FROM: dict[Decision, set[State]] = {
    # A declined application can come back; one that was accepted ends by revoking its invitation.
    "shortlist": {State.RECEIVED, State.WAITLISTED, State.DECLINED},
    "accept": {State.RECEIVED, State.SHORTLISTED, State.WAITLISTED},
    "waitlist": {State.RECEIVED, State.SHORTLISTED, State.DECLINED},
    "decline": {State.RECEIVED, State.SHORTLISTED, State.WAITLISTED},
}
OPEN_STATES = (State.RECEIVED, State.SHORTLISTED, State.WAITLISTED)
"""Nothing final has been said yet."""


def is_public(intake: Intake | None, now: datetime) -> bool:
    """Whether strangers may see the event's page: from the opening on, until the event ends."""
    if intake is None or intake.opens_at is None:
        return False
    return intake.opens_at <= now < intake.event.ends_at


def is_open(intake: Intake, now: datetime) -> bool:
    """Whether applications are taken now."""
    return is_public(intake, now) and (intake.closes_at is None or now < intake.closes_at)


def may_become(state: str, decision: Decision) -> bool:
    """Whether an application in `state` can be decided so."""
    return state in FROM[decision]
