"""The API: teams, how one gets into them and out of them."""

from typing import Literal

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Status

from heldout.api.auth import READ, TEAM
from heldout.api.finding import EVENT, caller
from heldout.api.paging import Listed, whole
from heldout.api.team_schemas import (
    ApproachOut,
    JoinIn,
    OwnTeamOut,
    PersonIn,
    TeamCardOut,
    TeamChangeIn,
    TeamIn,
    WordsIn,
)
from heldout.api.words import Number
from heldout.events.access import find_event
from heldout.events.models import Event
from heldout.teams import actions, meeting
from heldout.teams.models import Approach, Team
from heldout.teams.queries import approaches_for, members, team_cards, team_of

router = Router(auth=READ, tags=["teams"])


def _own(request: HttpRequest, event: str) -> Team:
    found = team_of(request.user, find_event(request.user, event))
    if found is None:
        raise Http404("the caller is in no team of this event")
    return found


def _shown(request: HttpRequest, event: Event) -> OwnTeamOut:
    """The caller's team as it is now."""
    team = team_of(request.user, event)
    if team is None:
        raise Http404("the caller is in no team of this event")
    return OwnTeamOut.whole(team, members(team))


@router.get(EVENT + "/teams", response=Listed[TeamCardOut], summary="An event's teams")
def teams(request: HttpRequest, event: str) -> Listed[TeamCardOut]:
    """By name, with their members. The list always comes whole."""
    cards = team_cards(find_event(request.user, event), caller(request))
    return whole(TeamCardOut.shown(card) for card in cards)


@router.post(EVENT + "/teams", response={201: OwnTeamOut}, auth=TEAM, summary="Found a team")
def found_team(request: HttpRequest, event: str, given: TeamIn) -> Status[OwnTeamOut]:
    """A team of one, whose join code lets others in."""
    found = find_event(request.user, event)
    actions.create_team(found, caller(request), given.name)
    return Status(201, _shown(request, found))


@router.get(EVENT + "/team", response=OwnTeamOut, summary="Your team")
def own_team(request: HttpRequest, event: str) -> OwnTeamOut:
    """With its join code and its members; 404 while you are in none."""
    return _shown(request, find_event(request.user, event))


@router.patch(EVENT + "/team", response=OwnTeamOut, auth=TEAM, summary="Change your team")
def change_team(request: HttpRequest, event: str, given: TeamChangeIn) -> OwnTeamOut:
    """Its name, and whom it seeks. What is left out stays as it is."""
    team = _own(request, event)
    meeting.change(team, caller(request), name=given.name, seeks=given.seeks)
    return _shown(request, team.event)


@router.delete(EVENT + "/team", response={204: None}, auth=TEAM, summary="Disband your team")
def disband(request: HttpRequest, event: str) -> Status[None]:
    """Its captain may, while it has handed in nothing."""
    actions.disband(_own(request, event), caller(request))
    return Status(204, None)


@router.post(EVENT + "/team/join", response=OwnTeamOut, auth=TEAM, summary="Join a team by its code")
def join(request: HttpRequest, event: str, given: JoinIn) -> OwnTeamOut:
    """However the code is spaced."""
    found = find_event(request.user, event)
    actions.join_team(found, caller(request), given.code)
    return _shown(request, found)


@router.post(EVENT + "/team/leave", response={204: None}, auth=TEAM, summary="Leave your team")
def leave(request: HttpRequest, event: str) -> Status[None]:
    """What it has handed in stays with the team."""
    actions.leave_team(_own(request, event), caller(request))
    return Status(204, None)


@router.post(EVENT + "/team/code", response=OwnTeamOut, auth=TEAM, summary="Get a new join code")
def new_code(request: HttpRequest, event: str) -> OwnTeamOut:
    """The old one stops working."""
    team = _own(request, event)
    actions.new_join_code(team, caller(request))
    return _shown(request, team.event)


@router.post(EVENT + "/team/captain", response=OwnTeamOut, auth=TEAM, summary="Hand your team over")
def hand_over(request: HttpRequest, event: str, given: PersonIn) -> OwnTeamOut:
    """The captain makes another member the captain."""
    team = _own(request, event)
    to = get_object_or_404(team.memberships.select_related("user"), user=given.person).user
    actions.hand_over(team, to, caller(request))
    return _shown(request, team.event)


@router.delete(EVENT + "/team/members/{person}", response={204: None}, auth=TEAM, summary="Take a member out")
def remove_member(request: HttpRequest, event: str, person: Path[Number]) -> Status[None]:
    """The captain may; what was handed in stays with the team."""
    team = _own(request, event)
    member = get_object_or_404(team.memberships.select_related("user"), user=person).user
    actions.remove_member(team, member, caller(request))
    return Status(204, None)


@router.get(EVENT + "/approaches", response=Listed[ApproachOut], summary="Requests and invitations to join")
def approaches(request: HttpRequest, event: str) -> Listed[ApproachOut]:
    """Those that wait for an answer, of yours and of your team's."""
    found = approaches_for(caller(request), find_event(request.user, event))
    return whole(ApproachOut.shown(one) for one in found.select_related("team", "user"))


@router.post(
    EVENT + "/teams/{team}/ask", response={201: ApproachOut}, auth=TEAM, summary="Ask a team to take you in"
)
def ask_to_join(request: HttpRequest, event: str, team: Path[Number], given: WordsIn) -> Status[ApproachOut]:
    """Any of its members may say yes."""
    teams_here = Team.objects.select_related("event").filter(event=find_event(request.user, event))
    made = meeting.ask_to_join(get_object_or_404(teams_here, pk=team), caller(request), given.words)
    return Status(201, ApproachOut.shown(made))


@router.post(
    EVENT + "/approaches/{approach}/{answer}", response={204: None}, auth=TEAM, summary="Answer an approach"
)
def answer_approach(
    request: HttpRequest, event: str, approach: Path[Number], answer: Literal["accept", "decline"]
) -> Status[None]:
    """A request is your team's to accept, an invitation yours; either side may decline."""
    waiting = approaches_for(caller(request), find_event(request.user, event))
    related = Approach.objects.select_related("team__event", "user").filter(pk__in=waiting)
    found = get_object_or_404(related, pk=approach)
    act = meeting.accept if answer == "accept" else meeting.decline
    act(found, caller(request))
    return Status(204, None)
