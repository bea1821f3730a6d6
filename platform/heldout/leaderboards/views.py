"""A challenge's board, and the event's."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from heldout.catalog.access import find_challenge
from heldout.events.access import SignedInRequest, event_member
from heldout.events.models import Event
from heldout.events.rules import is_organizer
from heldout.leaderboards import queries, serving
from heldout.leaderboards.final import may_see_final
from heldout.leaderboards.points import points_board
from heldout.leaderboards.rules import is_frozen, rules_of
from heldout.leaderboards.tickets import enter


@require_safe
@event_member
def board(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """The board. An organizer may look at what others see of a frozen one with `?as_others`."""
    found = find_challenge(event, challenge, request.user)
    organizes = is_organizer(request.user, event)
    as_others = organizes and "as_others" in request.GET
    page = serving.page_of(request.GET.get("from"))
    context = {
        "event": event,
        "challenge": found,
        "organizes": organizes,
        "as_others": as_others,
        "page_from": page * serving.ROWS,
        "frozen": is_frozen(rules_of(event), timezone.now()),
        "final": may_see_final(request.user, rules_of(event)),
    }
    if as_others:
        context |= serving.table_context(queries.board(found, request.user, as_others=True), page)
        template = "leaderboards/standings.html" if request.htmx else "leaderboards/board.html"
        return render(request, template, context)
    entry = enter(request, event.slug, challenge)
    if entry is not None:
        # Made of the same templates, which have escaped it.
        context["table"] = mark_safe(serving.table(entry, page).content().decode())  # noqa: S308
        if request.htmx:
            return HttpResponse(context["table"])
    return render(request, "leaderboards/board.html", context)


@require_safe
def rows(request: HttpRequest, event: str, challenge: str) -> HttpResponseBase:
    """The standings alone, for a page that is open: no query and no template while nothing changes."""
    entry = enter(request, event, challenge)
    if entry is None:
        return HttpResponse(status=401, headers={"HX-Refresh": "true"})
    asked = serving.table(entry, serving.page_of(request.GET.get("from")))
    return serving.answer(request, entry, asked, "text/html; charset=utf-8")


@require_safe
@event_member
def points(request: SignedInRequest, event: Event) -> HttpResponse:
    """The event's board: points for passed challenges."""
    context = {"event": event, "board": points_board(event, request.user, timezone.now())}
    return render(request, "leaderboards/points.html", context)
