"""Which state of a board a viewer is shown, with the rules that decide it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from heldout.catalog.models import Challenge
from heldout.events.models import Event
from heldout.events.rules import Viewer, is_organizer
from heldout.leaderboards.models import BoardRules, Reveal
from heldout.leaderboards.rules import Shown, shown


@dataclass(frozen=True)
class Sight:
    """What somebody is shown of a challenge's board."""

    rules: BoardRules
    shown: Shown
    frozen_at: datetime | None
    """Since when others see no change, whatever is shown here."""

    @property
    def before(self) -> datetime | None:
        """Only what was handed in before that moment counts."""
        return self.frozen_at if self.shown == "frozen" else None

    @property
    def name(self) -> str:
        """What tells it from every other sight of the same board."""
        return f"{self.shown}:{self.frozen_at.timestamp() if self.frozen_at else ''}"


def rules_of(event: Event) -> BoardRules:
    """The event's rules; the defaults where nobody has changed them."""
    return BoardRules.objects.filter(event=event).first() or BoardRules(event=event)


def is_published(challenge: Challenge) -> bool:
    """Whether the final board may be seen by everybody."""
    return Reveal.objects.filter(challenge=challenge, published_at__isnull=False).exists()


def frozen_since(event: Event) -> datetime | None:
    """Since when the event's boards stand still; None while they move."""
    at = rules_of(event).freezes_at
    return at if at is not None and at <= timezone.now() else None


def sight(challenge: Challenge, viewer: Viewer, *, behind: bool = False) -> Sight:
    """What `viewer` is shown. Looking `behind` the freeze or the end is for organizers alone."""
    rules, now = rules_of(challenge.event), timezone.now()
    looks_behind = behind and is_organizer(viewer, challenge.event)
    state = shown(
        freezes_at=rules.freezes_at, published=is_published(challenge), looks_behind=looks_behind, now=now
    )
    at = rules.freezes_at
    return Sight(rules, state, at if at is not None and at <= now else None)
