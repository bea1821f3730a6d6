"""The addresses and messages that somebody may see: of the organizers, or of their team."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from heldout.events.models import Event
from heldout.events.rules import Viewer
from heldout.teams.models import Team
from heldout.webhooks.models import Delivery, Hook
from heldout.webhooks.rules import may_change, owner_for

SHOWN = 100
"""How many of the latest messages are shown."""


def find_owner(viewer: Viewer, event: Event) -> Team | None:
    """The team whose addresses are the viewer's to see; None for organizers. Raises Http404 for others."""
    allowed, team = owner_for(viewer, event)
    if not allowed:
        raise Http404("neither an organizer nor in a team")
    return team


def hooks_of(event: Event, team: Team | None) -> "QuerySet[Hook]":
    """The addresses of a team, or without one of the organizers."""
    return Hook.objects.filter(event=event, team=team).select_related("event", "team")


def find_hook(viewer: Viewer, event: Event, number: int) -> Hook:
    """An address of the viewer's. Raises Http404."""
    found = Hook.objects.select_related("event", "team").filter(pk=number, event=event).first()
    if found is None or not may_change(viewer, found):
        raise Http404(f"no webhook {number} for this viewer")
    return found


def latest(hook: Hook) -> "QuerySet[Delivery]":
    """What the address was told lately, the newest message first."""
    return hook.deliveries.all()[:SHOWN]


def find_delivery(viewer: Viewer, event: Event, number: UUID) -> Delivery:
    """A message to an address of the viewer's. Raises Http404."""
    messages = Delivery.objects.select_related("hook__team", "hook__event")
    found = messages.filter(pk=number, hook__event=event).first()
    if found is None or not may_change(viewer, found.hook):
        raise Http404(f"no message {number} for this viewer")
    return found
