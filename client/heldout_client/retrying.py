"""When to ask again: a site that is busy, or restarts, is given time, as much as it asks for."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

BUSY = frozenset({429, 502, 503, 504})
"""Answers that say nothing about the request: the same one may go through a moment later."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 20.0
PATIENCE_SECONDS = 90.0


class Patience:
    """The pauses between the tries of one request, until it is over."""

    def __init__(self, seconds: float = PATIENCE_SECONDS, rest: Callable[[float], None] = time.sleep) -> None:
        self.left = seconds
        self.pause = FIRST_PAUSE
        self._rest = rest

    def rested(self, asked_for: str | None = None) -> bool:
        """Pause, as long as the site's `Retry-After` says, else twice as long as the last time.

        False, and at once, where that would be longer than patience lasts.
        """
        told = seconds_of(asked_for, datetime.now(UTC))
        pause = self.pause if told is None else told
        cost = max(pause, FIRST_PAUSE)
        if cost > self.left:
            return False
        self.left -= cost
        self.pause = min(2 * self.pause, LONGEST_PAUSE)
        self._rest(pause)
        return True


def seconds_of(retry_after: str | None, now: datetime) -> float | None:
    """What a `Retry-After` means: seconds, or a moment; None where it says nothing."""
    said = (retry_after or "").strip()
    if said.isdecimal():
        return float(said)
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0.0, (moment.astimezone(UTC) - now).total_seconds())
