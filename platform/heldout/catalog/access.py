"""Which challenge an address names, for those who may see it."""

from django.http import Http404

from heldout.catalog.models import Challenge
from heldout.catalog.queries import open_challenge_or_none
from heldout.events.models import Event
from heldout.events.rules import Viewer


def find_challenge(event: Event, slug: str, viewer: Viewer) -> Challenge:
    """The challenge of that slug. Raises Http404 where there is none that `viewer` may see."""
    found = open_challenge_or_none(event, slug, viewer)
    if found is None:
        raise Http404(f"no challenge {slug!r} for this viewer")
    return found
