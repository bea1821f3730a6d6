"""The API: tokens of the caller's team, by which machines act for it.

A token makes none that may more than itself: one that makes a team's has the scope `team`, and all that the
new one will have; a team's own has no such scope, and so makes none.
"""

from datetime import datetime
from typing import Annotated

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Path, Router, Schema, Status
from pydantic import Field, StringConstraints

from heldout.accounts.tokens import LONGEST_DAYS
from heldout.api.auth import TEAM, need, token_of
from heldout.api.finding import EVENT, caller
from heldout.api.keeping import told_once
from heldout.api.paging import Listed, whole
from heldout.api.words import Number, Written
from heldout.events.access import find_event
from heldout.teams import tokens
from heldout.teams.models import Team, TeamToken
from heldout.teams.queries import team_of

router = Router(auth=TEAM, tags=["team tokens"])
TOKENS = EVENT + "/team/tokens"


class TeamTokenOut(Schema):
    """A token of the team. It ends with the team, and when its maker leaves it."""

    id: int
    name: str
    scopes: list[str]
    made_by: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None

    @classmethod
    def shown(cls, kept: TeamToken) -> "TeamTokenOut":
        """A token as the team's members see it, without its text."""
        fields = ("name", "scopes", "created_at", "expires_at", "last_used_at")
        made_by = str(kept.membership.user)
        return cls(id=kept.pk, made_by=made_by, **{name: getattr(kept.token, name) for name in fields})


class NewTeamTokenOut(TeamTokenOut):
    """A new token, with its text, which is told once: keep it."""

    token: str | None = Field(description="Null where an answer is given again by its `Idempotency-Key`.")


class TeamTokenIn(Schema):
    """What will use the token, and for how long."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=40), Written]
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)] = 7


def _own(request: HttpRequest, event: str) -> Team:
    found = team_of(request.user, find_event(request.user, event))
    if found is None:
        raise Http404("the caller is in no team of this event")
    return found


@router.get(TOKENS, response=Listed[TeamTokenOut], summary="Your team's tokens")
def team_tokens(request: HttpRequest, event: str) -> Listed[TeamTokenOut]:
    """Those that are of use, the newest first. The list always comes whole."""
    found = tokens.of_team(_own(request, event), timezone.now())
    return whole(TeamTokenOut.shown(kept) for kept in found)


@router.post(TOKENS, response={201: NewTeamTokenOut}, summary="Make a token of your team")
@told_once("token")
def make_team_token(
    request: HttpRequest, response: HttpResponse, event: str, given: TeamTokenIn
) -> Status[NewTeamTokenOut]:
    """It reads and hands in. A token that asks needs those scopes too, and the new one ends no later."""
    team = _own(request, event)
    need(request, *tokens.SCOPES)
    kept, secret = tokens.make(
        team, caller(request), given.name, given.days, timezone.now(), by=token_of(request)
    )
    response["Cache-Control"] = "no-store"
    return Status(201, NewTeamTokenOut(**dict(TeamTokenOut.shown(kept)), token=secret))


@router.delete(TOKENS + "/{team_token}", response={204: None}, summary="Revoke a token of your team")
def revoke_team_token(request: HttpRequest, event: str, team_token: Path[Number]) -> Status[None]:
    """Any member may."""
    team = _own(request, event)
    tokens.revoke(
        team, get_object_or_404(tokens.of_team(team, timezone.now()), pk=team_token), caller(request)
    )
    return Status(204, None)
