"""Which state of a board a viewer is shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils import timezone

from heldout.catalog.models import Challenge
from heldout.events.rules import Viewer
from heldout.leaderboards.models import BoardRules
from heldout.leaderboards.rules import is_frozen, rules_of, sees_frozen

State = Literal["live", "frozen"]


@dataclass(frozen=True)
class Sight:
    """What somebody is shown of a challenge's board."""

    rules: BoardRules
    state: State
    frozen_since: datetime | None
    """From when on others see it as it stood, whatever is shown here."""

    @property
    def before(self) -> datetime | None:
        """Only what was scored before that moment counts."""
        return self.frozen_since if self.state == "frozen" else None


def sight(challenge: Challenge, viewer: Viewer, *, as_others: bool = False) -> Sight:
    """What `viewer` is shown; an organizer, who sees boards move, may ask for what others see."""
    rules, now = rules_of(challenge.event), timezone.now()
    stands = is_frozen(rules, now)
    hidden = stands and (as_others or sees_frozen(viewer, rules, now))
    return Sight(rules, "frozen" if hidden else "live", rules.freezes_at if stands else None)
