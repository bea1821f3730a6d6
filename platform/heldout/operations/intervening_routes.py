"""The API: what organizers change by hand for one team, each with a reason and a way back."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from heldout.api.auth import ORGANIZE
from heldout.api.finding import CHALLENGE, EVENT, SUBMISSION, caller, named, organized
from heldout.api.paging import Listed, Piece, newest_first
from heldout.api.schemas import TeamOut
from heldout.api.team_schemas import ReasonIn
from heldout.api.words import Moment, Number, Reason
from heldout.events.models import Event
from heldout.leaderboards import actions as leaderboards
from heldout.operations import queries
from heldout.operations.routes import challenge_of
from heldout.submissions import intervening
from heldout.submissions.intervention_models import Disqualification, Extension, Grant
from heldout.teams.models import Team

router = Router(auth=ORGANIZE, tags=["interventions"])
RELATED = ("challenge", "team", "by")


class GrantOut(Schema):
    """More tries that a team had on the day they were granted."""

    id: int
    challenge: str
    team: TeamOut
    tries: int
    reason: str
    by: str
    at: datetime

    @classmethod
    def shown(cls, made: Grant) -> "GrantOut":
        """A grant as the API says it."""
        return cls(tries=made.tries, **_common(made))


class ExtensionOut(Schema):
    """A later deadline of one team."""

    id: int
    challenge: str
    team: TeamOut
    until: datetime
    reason: str
    by: str
    at: datetime

    @classmethod
    def shown(cls, made: Extension) -> "ExtensionOut":
        """An extension as the API says it."""
        return cls(until=made.until, **_common(made))


class DisqualificationOut(Schema):
    """A submission, or with `submission` null all of a team's, that counts on no board."""

    id: int
    team: TeamOut
    submission: UUID | None
    challenge: str | None
    reason: str
    by: str
    at: datetime

    @classmethod
    def shown(cls, made: Disqualification) -> "DisqualificationOut":
        """A disqualification as the API says it."""
        one = made.submission
        return cls(
            id=made.pk,
            team=TeamOut.of(one.team if one else made.team),  # type: ignore[arg-type]  # It has one of the two.
            submission=one.pk if one else None,
            challenge=one.challenge.slug if one else None,
            reason=made.reason,
            by=str(made.by),
            at=made.at,
        )


class GrantIn(ReasonIn):
    """More tries for a team today."""

    team: Number
    tries: Annotated[int, Field(ge=1, le=intervening.MOST_TRIES)]


class ExtensionIn(ReasonIn):
    """A later deadline for a team."""

    team: Number
    until: Moment


class DisqualifyIn(Schema):
    """Why it counts no more; the team reads it."""

    reason: Reason


def _common(made: Grant | Extension) -> dict[str, Any]:
    return {
        "id": made.pk,
        "challenge": made.challenge.slug,
        "team": TeamOut.of(made.team),
        "reason": made.reason,
        "by": str(made.by),
        "at": made.at,
    }


def _team(event: Event, number: int) -> Team:
    return named(Team.objects.filter(event=event), "team", number, "the number of a team of this event")


@router.get(EVENT + "/grants", response=Listed[GrantOut], summary="Tries that were granted")
def grants(request: HttpRequest, event: str, piece: Query[Piece]) -> Listed[GrantOut]:
    """Newest first. Each counts on the day on which it was granted."""
    found = Grant.objects.filter(challenge__event=organized(request, event)).select_related(*RELATED)
    return newest_first(found, piece, GrantOut.shown)


@router.post(CHALLENGE + "/grants", response={201: GrantOut}, summary="Give a team more tries today")
def grant_tries(request: HttpRequest, event: str, challenge: str, given: GrantIn) -> Status[GrantOut]:
    """With a reason, which is kept in the audit."""
    found = organized(request, event)
    on, team = challenge_of(found, challenge), _team(found, given.team)
    made = intervening.grant_tries(on, team, given.tries, given.reason, caller(request))
    return Status(201, GrantOut.shown(made))


@router.delete(EVENT + "/grants/{grant}", response={204: None}, summary="Take granted tries back")
def take_grant_back(request: HttpRequest, event: str, grant: Path[Number]) -> Status[None]:
    """What was handed in with them stays."""
    found = organized(request, event)
    made = get_object_or_404(Grant.objects.select_related(*RELATED), pk=grant, challenge__event=found)
    intervening.take_back(made, found, caller(request))
    return Status(204, None)


@router.get(EVENT + "/extensions", response=Listed[ExtensionOut], summary="Deadlines that were extended")
def extensions(request: HttpRequest, event: str, piece: Query[Piece]) -> Listed[ExtensionOut]:
    """Newest first, also those that are over."""
    found = Extension.objects.filter(challenge__event=organized(request, event)).select_related(*RELATED)
    return newest_first(found, piece, ExtensionOut.shown)


@router.post(
    CHALLENGE + "/extensions", response={201: ExtensionOut}, summary="Extend a team's deadline on a challenge"
)
def extend(request: HttpRequest, event: str, challenge: str, given: ExtensionIn) -> Status[ExtensionOut]:
    """A later call replaces the time that an earlier one gave."""
    found = organized(request, event)
    on, team = challenge_of(found, challenge), _team(found, given.team)
    made = intervening.extend(on, team, given.until, given.reason, caller(request))
    return Status(201, ExtensionOut.shown(made))


@router.delete(
    EVENT + "/extensions/{extension}", response={204: None}, summary="Let the challenge's deadline hold again"
)
def take_extension_back(request: HttpRequest, event: str, extension: Path[Number]) -> Status[None]:
    """What was handed in meanwhile stays."""
    found = organized(request, event)
    made = get_object_or_404(Extension.objects.select_related(*RELATED), pk=extension, challenge__event=found)
    intervening.take_back(made, found, caller(request))
    return Status(204, None)


@router.get(
    EVENT + "/disqualifications", response=Listed[DisqualificationOut], summary="What counts on no board"
)
def disqualifications(request: HttpRequest, event: str, piece: Query[Piece]) -> Listed[DisqualificationOut]:
    """Submissions and whole teams, the newest first."""
    found = queries.disqualifications(organized(request, event))
    return newest_first(found, piece, DisqualificationOut.shown)


@router.post(
    SUBMISSION + "/disqualify",
    response={201: DisqualificationOut},
    summary="Let a submission count no more",
)
def disqualify_submission(
    request: HttpRequest, event: str, submission: UUID, given: DisqualifyIn
) -> Status[DisqualificationOut]:
    """Its team still sees its scores, and the reason."""
    found = organized(request, event)
    one = get_object_or_404(queries.may_be_disqualified(found), pk=submission)
    made = leaderboards.disqualify(found, caller(request), given.reason, submission=one)
    return Status(201, DisqualificationOut.shown(made))


@router.post(
    EVENT + "/teams/{team}/disqualify",
    response={201: DisqualificationOut},
    summary="Let a team count no more",
)
def disqualify_team(
    request: HttpRequest, event: str, team: Path[Number], given: DisqualifyIn
) -> Status[DisqualificationOut]:
    """Of every challenge. The team still sees its scores, and the reason."""
    found = organized(request, event)
    one = get_object_or_404(Team, event=found, pk=team)
    made = leaderboards.disqualify(found, caller(request), given.reason, team=one)
    return Status(201, DisqualificationOut.shown(made))


@router.delete(
    EVENT + "/disqualifications/{disqualification}", response={204: None}, summary="Let it count again"
)
def qualify_again(request: HttpRequest, event: str, disqualification: Path[Number]) -> Status[None]:
    """With what follows for ranks and points."""
    found = organized(request, event)
    made = get_object_or_404(queries.disqualifications(found), pk=disqualification)
    leaderboards.qualify_again(made, found, caller(request))
    return Status(204, None)
