"""The API: what a team has shown, what its coach signs off, and calls for help."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Schema, Status
from pydantic import Field

from heldout.api.auth import COACH, READ, TEAM
from heldout.api.finding import CHALLENGE, EVENT, caller, challenge_open_to, own_team, team_seen_by
from heldout.api.schemas import TeamOut
from heldout.api.team_schemas import ReasonIn
from heldout.api.words import Line, Note, Number
from heldout.catalog.passing import sign_off, withdraw_sign_off
from heldout.catalog.showing import Showing, showing
from heldout.coaching import actions, queries
from heldout.coaching.access import find_call, find_coached
from heldout.coaching.models import HelpCall
from heldout.coaching.rules import may_open_cockpit
from heldout.events.access import find_event

router = Router(auth=READ, tags=["coaching"])
COACHED = EVENT + "/teams/{team}/challenges/{slug:challenge}"


class LineOut(Schema):
    """A criterion. One of `evidence` is met by a coach's tick, any other by a score."""

    text: str
    evidence: bool
    met: bool
    note: str


class ChecklistOut(Schema):
    """What a team must show on a challenge, and has."""

    team: TeamOut
    challenge: str
    lines: list[LineOut]
    passed_at: datetime | None
    signed_off_at: datetime | None
    signed_off_by: str | None


class CallOut(Schema):
    """A raised hand."""

    id: int
    team: TeamOut
    challenge: str
    words: str
    at: datetime
    claimed_by: str | None
    closed_at: datetime | None

    @classmethod
    def shown(cls, call: HelpCall) -> "CallOut":
        """A call as the team and its coach see it."""
        return cls(
            id=call.pk,
            team=TeamOut.of(call.team),
            challenge=call.challenge.slug,
            words=call.words,
            at=call.at,
            claimed_by=str(call.claimed_by) if call.claimed_by else None,
            closed_at=call.closed_at,
        )


class CellOut(Schema):
    """Where a team stands on a challenge."""

    challenge: str
    is_open: bool
    passed_at: datetime | None
    signed_off: bool
    awaits_sign_off: bool
    best: str
    tries: int
    stuck: str
    """Why it seems to be stuck; empty while it does not."""


class CoachedOut(Schema):
    """A team of the coach's."""

    team: TeamOut
    passed: int
    challenges: list[CellOut]


class CockpitOut(Schema):
    """A coach's page: who calls, and where each team stands."""

    calls: list[CallOut]
    teams: list[CoachedOut]


class SignOffIn(Schema):
    """The criteria, by their text, that the coach has seen shown."""

    seen: Annotated[list[Line], Field(max_length=50)]
    note: Note = ""


class HintIn(Schema):
    """A hint, by its title."""

    title: Line


class CallIn(Schema):
    """What the team needs, in a sentence."""

    words: Line


@router.get(EVENT + "/coach", response=CockpitOut, summary="A coach's teams")
def cockpit(request: HttpRequest, event: str) -> CockpitOut:
    """Who has raised a hand, and where each team stands; organizers see all teams."""
    here = find_event(request.user, event, may_open_cockpit)
    found = queries.cockpit(here, caller(request), timezone.now())
    return CockpitOut(
        calls=[CallOut.shown(one.call) for one in found.calls],
        teams=[
            CoachedOut(
                team=TeamOut.of(line.team),
                passed=line.passed,
                challenges=[_cell(cell) for cell in line.cells],
            )
            for line in found.teams
        ],
    )


@router.get(COACHED, response=ChecklistOut, summary="What a team has shown on a challenge")
def checklist(request: HttpRequest, event: str, team: Path[Number], challenge: str) -> ChecklistOut:
    """For the team, its coach and the organizers."""
    found = challenge_open_to(request, event, challenge)
    seen_team = team_seen_by(request, found.event, team)
    return _checklist(TeamOut.of(seen_team), found.slug, showing(found, seen_team))


@router.post(COACHED + "/sign-off", response=ChecklistOut, auth=COACH, summary="Sign evidence off")
def give_sign_off(
    request: HttpRequest, event: str, team: Path[Number], challenge: str, given: SignOffIn
) -> ChecklistOut:
    """Tick what you have seen; with all of it ticked, the challenge is signed off."""
    coached, found = find_coached(find_event(request.user, event), team, challenge, request.user)
    sign_off(found, coached, caller(request), seen=given.seen, note=given.note)
    return _checklist(TeamOut.of(coached), found.slug, showing(found, coached))


@router.post(COACHED + "/sign-off/withdraw", response=ChecklistOut, auth=COACH, summary="Withdraw a sign-off")
def take_sign_off_back(
    request: HttpRequest, event: str, team: Path[Number], challenge: str, given: ReasonIn
) -> ChecklistOut:
    """With every tick of the challenge, as after a mistake."""
    coached, found = find_coached(find_event(request.user, event), team, challenge, request.user)
    withdraw_sign_off(found, coached, caller(request), given.reason)
    return _checklist(TeamOut.of(coached), found.slug, showing(found, coached))


@router.post(COACHED + "/hints", response={204: None}, auth=COACH, summary="Show a hint to a team")
def open_hint(
    request: HttpRequest, event: str, team: Path[Number], challenge: str, given: HintIn
) -> Status[None]:
    """By its title, as the coach's page lists them."""
    coached, found = find_coached(find_event(request.user, event), team, challenge, request.user)
    actions.open_hint(found, coached, given.title, caller(request))
    return Status(204, None)


@router.post(CHALLENGE + "/help", response={201: CallOut}, auth=TEAM, summary="Raise your team's hand")
def raise_hand(request: HttpRequest, event: str, challenge: str, given: CallIn) -> Status[CallOut]:
    """Your coach sees it at once."""
    found = challenge_open_to(request, event, challenge)
    call = actions.raise_hand(found, own_team(request, found.event), caller(request), given.words)
    return Status(201, CallOut.shown(call))


@router.post(EVENT + "/help/{call}/claim", response=CallOut, auth=COACH, summary="Say that you come")
def claim_call(request: HttpRequest, event: str, call: Path[Number]) -> CallOut:
    """Of two coaches at once, one gets it."""
    found = find_call(find_event(request.user, event, may_open_cockpit), call, request.user)
    actions.claim(found, caller(request))
    return _fresh(found)


@router.post(EVENT + "/help/{call}/close", response=CallOut, auth=TEAM, summary="End a call for help")
def close_call(request: HttpRequest, event: str, call: Path[Number]) -> CallOut:
    """The team itself, or its coach."""
    found = find_call(find_event(request.user, event), call, request.user)
    actions.close(found, caller(request))
    return _fresh(found)


def _fresh(call: HelpCall) -> CallOut:
    related = HelpCall.objects.select_related("team", "challenge", "claimed_by")
    return CallOut.shown(related.get(pk=call.pk))


def _cell(cell: queries.Cell) -> CellOut:
    return CellOut(
        challenge=cell.challenge.slug,
        is_open=cell.admission.admitted,
        passed_at=cell.passed_at,
        signed_off=cell.signed,
        awaits_sign_off=cell.awaits_sign_off,
        best=cell.best_text,
        tries=cell.tries,
        stuck=cell.stuck,
    )


def _checklist(team: TeamOut, challenge: str, shown: Showing) -> ChecklistOut:
    lines = [
        LineOut(text=one.text, evidence=one.evidence, met=one.met, note=one.tick.note if one.tick else "")
        for one in shown.lines
    ]
    signed = shown.signed
    return ChecklistOut(
        team=team,
        challenge=challenge,
        lines=lines,
        passed_at=shown.passed_at,
        signed_off_at=signed.at if signed else None,
        signed_off_by=str(signed.by) if signed else None,
    )
