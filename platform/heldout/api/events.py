"""The API: who asks, and the events that they take part in."""

from typing import cast

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from heldout.accounts.models import ApiToken
from heldout.api.auth import ANY, READ, place
from heldout.api.board_schemas import EventBoardOut
from heldout.api.finding import EVENT, caller
from heldout.api.paging import Listed, whole
from heldout.api.schemas import EventDetailOut, EventOut, MeOut
from heldout.events.access import find_event
from heldout.events.queries import events_of
from heldout.leaderboards.points import points_board
from heldout.teams.queries import team_of

router = Router(auth=READ, tags=["events"])


@router.get("/me", response=MeOut, auth=ANY, summary="Who you are, and what your token may do")
def me(request: HttpRequest) -> MeOut:
    """By session, `scopes` and `expires_at` are null: it may do all that you may."""
    token = cast("ApiToken | None", getattr(request, "api_token", None))
    found = place(request)
    return MeOut.of_team(found.team, token) if found and token else MeOut.of(caller(request), token)


@router.get("/events", response=Listed[EventOut], summary="The events you take part in")
def events(request: HttpRequest) -> Listed[EventOut]:
    """Newest first; a team's token takes part in one. There are few, so that the list always comes whole."""
    team = place(request)
    found = [team.team.event] if team else events_of(caller(request))
    return whole(EventOut.of(event) for event in found)


@router.get(EVENT, response=EventDetailOut, summary="One event")
def event_detail(request: HttpRequest, event: str) -> EventDetailOut:
    """Where and when it is, what you are in it, and your team."""
    found = find_event(request.user, event)
    return EventDetailOut.for_viewer(found, caller(request), team_of(request.user, found))


@router.get(EVENT + "/board", response=EventBoardOut, summary="The event's board")
def event_board(request: HttpRequest, event: str) -> EventBoardOut:
    """Points for passed challenges, best first; teams without points come last, without a rank."""
    return EventBoardOut.of(points_board(find_event(request.user, event), request.user, timezone.now()))
