"""The API: what opens a challenge, and opening it for one team by hand."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema, Status
from pydantic import Field

from heldout.api.auth import ORGANIZE
from heldout.api.finding import CHALLENGE, caller, named, organized, unknown
from heldout.api.paging import Listed, whole
from heldout.api.schemas import TeamOut
from heldout.api.team_schemas import ReasonIn
from heldout.api.words import Moment, Number, Slug
from heldout.catalog import gating
from heldout.catalog.models import Challenge, Gate, GateKind, Opening
from heldout.catalog.rules import gate_text
from heldout.operations.routes import challenge_of
from heldout.teams.models import Team

router = Router(auth=ORGANIZE, tags=["gates"])
RELATED = ("challenge__event", "after__bundle")


class GateOut(Schema):
    """One of the things that open a challenge for a team. Without any, it is open to every team."""

    id: int
    kind: GateKind
    at: datetime | None
    after: str | None
    """The earlier challenge that it asks about."""
    score: float | None
    text: str
    """In words, to go on after "it opens when"."""

    @classmethod
    def shown(cls, gate: Gate) -> "GateOut":
        """A gate as the API says it."""
        return cls(
            id=gate.pk,
            kind=GateKind(gate.kind),
            at=gate.at,
            after=gate.after.slug if gate.after else None,
            score=gate.score,
            text=gate_text(gate),
        )


class OpeningOut(Schema):
    """An organizer has opened the challenge for one team."""

    team: TeamOut
    reason: str
    by: str
    at: datetime

    @classmethod
    def shown(cls, made: Opening) -> "OpeningOut":
        """An opening as the API says it."""
        return cls(team=TeamOut.of(made.team), reason=made.reason, by=str(made.by), at=made.at)


class GateIn(Schema):
    """A time gate needs `at`, any other one `after`, an earlier challenge; a threshold also a `score`."""

    kind: GateKind
    at: Moment | None = None
    after: Slug | None = None
    score: Annotated[float, Field(allow_inf_nan=False)] | None = None


class OpeningIn(ReasonIn):
    """The team that goes on, and why; it is kept in the audit."""

    team: Number


def _challenge(request: HttpRequest, event: str, slug: str) -> Challenge:
    return challenge_of(organized(request, event), slug)


@router.get(CHALLENGE + "/gates", response=Listed[GateOut], summary="What opens a challenge")
def gates(request: HttpRequest, event: str, challenge: str) -> Listed[GateOut]:
    """A team needs one of them. The list always comes whole."""
    found = _challenge(request, event, challenge)
    return whole(GateOut.shown(gate) for gate in found.gates.select_related(*RELATED))


@router.post(CHALLENGE + "/gates", response={201: GateOut}, summary="Add a gate")
def add_gate(request: HttpRequest, event: str, challenge: str, given: GateIn) -> Status[GateOut]:
    """From the first on, teams need one of them."""
    found = _challenge(request, event, challenge)
    after = _earlier(found, given.after) if given.after else None
    made = gating.add_gate(found, given.kind, caller(request), at=given.at, after=after, score=given.score)
    return Status(201, GateOut.shown(Gate.objects.select_related(*RELATED).get(pk=made.pk)))


def _earlier(challenge: Challenge, slug: str) -> Challenge:
    """Raises ValidationError where the event has none of that name; which come earlier is the domain's."""
    earlier = Challenge.objects.select_related("event", "bundle").filter(event=challenge.event, slug=slug)
    if (found := earlier.first()) is None:
        raise unknown("after", repr(slug), "the slug of an earlier challenge of this event")
    return found


@router.delete(CHALLENGE + "/gates/{gate}", response={204: None}, summary="Take a gate away")
def remove_gate(request: HttpRequest, event: str, challenge: str, gate: Path[Number]) -> Status[None]:
    """Without any, the challenge is open to every team."""
    of_challenge = Gate.objects.select_related(*RELATED).filter(
        challenge=_challenge(request, event, challenge)
    )
    gating.remove_gate(get_object_or_404(of_challenge, pk=gate), caller(request))
    return Status(204, None)


@router.get(CHALLENGE + "/openings", response=Listed[OpeningOut], summary="Teams that it was opened for")
def openings(request: HttpRequest, event: str, challenge: str) -> Listed[OpeningOut]:
    """By hand. The list always comes whole."""
    found = _challenge(request, event, challenge)
    return whole(OpeningOut.shown(made) for made in found.openings.select_related("team", "by"))


@router.post(CHALLENGE + "/openings", response={201: OpeningOut}, summary="Open a challenge for one team")
def open_by_hand(request: HttpRequest, event: str, challenge: str, given: OpeningIn) -> Status[OpeningOut]:
    """Whatever its gates say."""
    found = _challenge(request, event, challenge)
    teams = Team.objects.filter(event=found.event_id)
    team = named(teams, "team", given.team, "the number of a team of this event")
    return Status(201, OpeningOut.shown(gating.open_by_hand(found, team, caller(request), given.reason)))
