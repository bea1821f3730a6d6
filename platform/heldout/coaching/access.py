"""What an address of coaching names, for those who may see it. Others get 404."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from heldout.catalog.models import Challenge
from heldout.coaching.models import HelpCall
from heldout.coaching.rules import may_open_cockpit
from heldout.events.access import EventView, P, SlugView, guard
from heldout.events.models import Event
from heldout.events.rules import Viewer
from heldout.teams.models import Team
from heldout.teams.rules import is_member, may_coach


def event_coach(view: EventView[P]) -> SlugView[P]:
    """As `event_member`, but 404 for everybody except the event's coaches and organizers."""
    return guard(view, may_open_cockpit)


def find_coached(event: Event, team: int, slug: str, viewer: Viewer) -> tuple[Team, Challenge]:
    """A team that `viewer` may coach, and a challenge that has opened. Raises Http404."""
    found = get_object_or_404(Team.objects.select_related("event", "coach"), pk=team, event=event)
    if not may_coach(viewer, found):
        raise Http404(f"no team {team} for this viewer")
    challenges = Challenge.objects.select_related("event", "bundle").exclude(opened_at=None)
    return found, get_object_or_404(challenges, event=event, slug=slug)


def find_call(event: Event, call: int, viewer: Viewer) -> HelpCall:
    """A call that `viewer` may answer or close. Raises Http404."""
    related = HelpCall.objects.select_related("team__event", "challenge__event")
    found = get_object_or_404(related, pk=call, team__event=event)
    if not (may_coach(viewer, found.team) or is_member(viewer, found.team)):
        raise Http404(f"no call {call} for this viewer")
    return found
