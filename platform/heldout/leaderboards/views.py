"""A challenge's board, and the event's."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from heldout.catalog.access import find_challenge
from heldout.events.access import SignedInRequest, event_member
from heldout.events.models import Event
from heldout.leaderboards import queries
from heldout.leaderboards.final import may_see_final
from heldout.leaderboards.points import points_board
from heldout.leaderboards.rules import rules_of


@require_safe
@event_member
def board(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """The board, or only its standings when htmx asks for what has changed."""
    found = find_challenge(event, challenge, request.user)
    template = "leaderboards/standings.html" if request.htmx else "leaderboards/board.html"
    context = {
        "event": event,
        "challenge": found,
        "board": queries.board(found, request.user),
        "final": may_see_final(request.user, rules_of(event)),
    }
    return render(request, template, context)


@require_safe
@event_member
def points(request: SignedInRequest, event: Event) -> HttpResponse:
    """The event's board: points for passed challenges."""
    context = {"event": event, "board": points_board(event, request.user, timezone.now())}
    return render(request, "leaderboards/points.html", context)
