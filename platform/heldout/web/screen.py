"""The big screen: what the projector in the hall shows, one thing after another."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from heldout.catalog.models import Challenge
from heldout.catalog.rules import is_opened
from heldout.events.access import SignedInRequest, event_organizer
from heldout.events.agenda_queries import coming_up
from heldout.events.models import Event
from heldout.leaderboards.points import points_board
from heldout.leaderboards.queries import BoardRow, BoardView, board
from heldout.markdown import to_html
from heldout.notices.queries import announced_to_all

ROWS = 10
ANNOUNCED = 3


@dataclass(frozen=True)
class Slide:
    """The top of one challenge's board."""

    board: BoardView
    rows: list[BoardRow]


@require_safe
@event_organizer
def screen(request: SignedInRequest, event: Event) -> HttpResponse:
    """All that a hall may know: of a frozen board it must not see more than its people do."""
    now, hall = timezone.now(), AnonymousUser()
    opened = [c for c in _challenges(event) if is_opened(c, now)]
    boards = [board(challenge, hall) for challenge in opened]
    points = points_board(event, hall, now)
    context = {
        "event": event,
        "slides": [Slide(view, _top(view)) for view in boards],
        "points": [row for row in points.rows if row.total][:ROWS],
        "frozen_since": points.frozen_since,
        "announcements": [(one, to_html(one.body)) for one in announced_to_all(event)[:ANNOUNCED]],
        "coming": coming_up(event, now, most=6),
        "counts_to": event.starts_at if now < event.starts_at else event.ends_at,
        "counts_down": "Starts in" if now < event.starts_at else "Ends in" if now < event.ends_at else "",
    }
    return render(request, "web/screen.html", context)


def _challenges(event: Event) -> list[Challenge]:
    return list(Challenge.objects.filter(event=event).select_related("event", "bundle", "preparation"))


def _top(view: BoardView) -> list[BoardRow]:
    return [row for row in view.rows if not row.is_baseline][:ROWS]
