"""Pure questions about coaching: who coaches in an event, and which team is quietly stuck."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from heldout.events.models import Event, RoleName
from heldout.events.rules import Viewer, is_organizer, role_of

QUIET = timedelta(minutes=45)
"""So long without a better score, and a team may need help that it does not ask for."""
SAME_FAILURES = 3
"""So many failures of one code in a row, and it is going in circles."""


@dataclass(frozen=True)
class Try:
    """A finished hand-in: its public score, or the code of the verdict on it."""

    at: datetime
    score: float | None
    code: str = ""


def may_open_cockpit(user: Viewer, event: Event) -> bool:
    """Whether `user` coaches in the event, or organizes it."""
    return is_organizer(user, event) or role_of(user, event) == RoleName.COACH


def last_progress(tries: Sequence[Try], since: datetime, *, higher_is_better: bool) -> datetime:
    """When the team last had a better score than before; `since` when it never had one."""
    sign = 1 if higher_is_better else -1
    best, at = -math.inf, since
    for one in tries:
        if one.score is not None and sign * one.score > best:
            best, at = sign * one.score, max(at, one.at)
    return at


def quietly_stuck(tries: Sequence[Try], since: datetime, now: datetime, *, higher_is_better: bool) -> str:
    """Why a team seems stuck on a challenge that has been open to it `since`; empty when it does not.

    `tries` are in the order in which they were handed in. A team that has passed is never stuck: do not ask.
    """
    codes = [one.code for one in tries[-SAME_FAILURES:]]
    if len(codes) == SAME_FAILURES and codes[0] and len(set(codes)) == 1:
        return f"the last {SAME_FAILURES} failed in the same way"
    quiet = now - last_progress(tries, since, higher_is_better=higher_is_better)
    if quiet >= QUIET:
        return f"no better score for {duration_text(quiet)}"
    return ""


def duration_text(length: timedelta) -> str:
    """A length of time in words: `50 min`, `3 h`, `2 days`."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
