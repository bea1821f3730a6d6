"""Which challenge an address names, for those who may see it."""

from django.http import Http404

from heldout.catalog.models import Challenge
from heldout.catalog.queries import open_challenge_or_none, published_challenge_or_none
from heldout.events.models import Event
from heldout.events.rules import Viewer


def find_challenge(event: Event, slug: str, viewer: Viewer) -> Challenge:
    """The challenge of that slug. Raises Http404 where none is open to `viewer`."""
    found = open_challenge_or_none(event, slug, viewer)
    if found is None:
        raise Http404(f"no challenge {slug!r} for this viewer")
    return found


def find_published(event: Event, slug: str, viewer: Viewer) -> Challenge:
    """As `find_challenge`, but also one that is not open to the viewer's team yet: to say what opens it."""
    found = published_challenge_or_none(event, slug, viewer)
    if found is None:
        raise Http404(f"no challenge {slug!r} for this viewer")
    return found
