"""The organizers' page of what is worth a look."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from heldout.events.access import SignedInRequest, event_organizer
from heldout.events.models import Event
from heldout.leaderboards.integrity import findings


@require_safe
@event_organizer
def integrity(request: SignedInRequest, event: Event) -> HttpResponse:
    """What two teams share, leaps and probing, with evidence."""
    return render(request, "leaderboards/integrity.html", {"event": event, "findings": findings(event)})
