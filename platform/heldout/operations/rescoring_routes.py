"""The API: scoring anew, what keeping it would change, and the decision."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema, Status

from heldout.api.auth import ORGANIZE
from heldout.api.finding import CHALLENGE, EVENT, caller, named_or_none, organized
from heldout.api.paging import Listed, Piece, newest_first, whole
from heldout.api.schemas import TeamOut
from heldout.api.team_schemas import ReasonIn
from heldout.api.words import Number
from heldout.catalog.models import Challenge, Preparation
from heldout.events.models import Event
from heldout.leaderboards import rescoring as boards
from heldout.leaderboards.queries import BoardRow
from heldout.operations import queries
from heldout.operations.routes import challenge_of
from heldout.submissions import rescoring as runs
from heldout.submissions.models import Rescoring
from heldout.teams.models import Team

router = Router(auth=ORGANIZE, tags=["rescoring"])
RESCORING = EVENT + "/rescorings/{rescoring}"


class PreparationOut(Schema):
    """A green self-test of a challenge: what its submissions can be scored anew against."""

    id: UUID
    version: str
    digest: str
    """Of the bundle."""
    in_use: bool
    at: datetime

    @classmethod
    def shown(cls, made: Preparation, challenge: Challenge) -> "PreparationOut":
        """A self-test as the API says it."""
        return cls(
            id=made.pk,
            version=made.bundle.version,
            digest=made.bundle.digest,
            in_use=made.pk == challenge.preparation_id,
            at=made.created_at,
        )


class RescoringOut(Schema):
    """What was scored anew: a submission, a team's, or with neither all of the challenge."""

    id: int
    challenge: str
    team: TeamOut | None
    submission: UUID | None
    version: str
    """Of the bundle that it runs against."""
    previous_version: str
    state: str
    """running until it is decided, then kept or discarded."""
    reason: str
    by: str
    at: datetime
    decided_at: datetime | None

    @classmethod
    def shown(cls, made: Rescoring) -> "RescoringOut":
        """A rescoring as the API says it."""
        return cls(
            id=made.pk,
            challenge=made.challenge.slug,
            team=TeamOut.of(made.team) if made.team else None,
            submission=made.submission_id,
            version=made.preparation.bundle.version,
            previous_version=made.previous.bundle.version,
            state=made.state,
            reason=made.reason,
            by=str(made.by),
            at=made.at,
            decided_at=made.decided_at,
        )


class ProgressOut(Schema):
    """How far it is. `without_score` ended, and keep the score that they have."""

    total: int
    unfinished: int
    scored: int
    without_score: int


class PlaceOut(Schema):
    """A team's place on the board."""

    rank: int | None
    score_text: str
    passed: bool

    @classmethod
    def shown(cls, row: BoardRow | None) -> "PlaceOut | None":
        """A place; None where the team has none."""
        if row is None:
            return None
        return cls(rank=row.rank, score_text=row.score_text, passed=row.passed)


class MoveOut(Schema):
    """What keeping it does to a team."""

    team: str
    before: PlaceOut | None
    after: PlaceOut | None

    @classmethod
    def shown(cls, move: boards.Move) -> "MoveOut":
        """A move as the API says it."""
        return cls(team=move.team, before=PlaceOut.shown(move.before), after=PlaceOut.shown(move.after))


class RescoringDetailOut(RescoringOut):
    """A rescoring with all that one needs to decide about it."""

    progress: ProgressOut
    missing: int
    """How many were scored since it began: `catch-up` takes them in."""
    moves: list[MoveOut]
    """What keeping it would do to each team, when every run has ended and until it is decided."""

    @classmethod
    def whole(cls, made: Rescoring, report: boards.Report) -> "RescoringDetailOut":
        """A rescoring and how far it is."""
        return cls(
            **dict(RescoringOut.shown(made)),
            progress=ProgressOut.model_validate(report.progress),
            missing=report.missing,
            moves=[MoveOut.shown(move) for move in report.moves],
        )


class RescoringIn(ReasonIn):
    """What is to be scored anew. Another preparation than the one in use is for the whole challenge."""

    team: Number | None = None
    submission: UUID | None = None
    preparation: UUID | None = None


@router.get(
    CHALLENGE + "/preparations",
    response=Listed[PreparationOut],
    summary="What a challenge can be scored anew against",
)
def preparations(request: HttpRequest, event: str, challenge: str) -> Listed[PreparationOut]:
    """Each green self-test of it, the newest first. The list always comes whole."""
    found = challenge_of(organized(request, event), challenge)
    return whole(PreparationOut.shown(made, found) for made in runs.preparations(found))


@router.get(EVENT + "/rescorings", response=Listed[RescoringOut], summary="What was scored anew")
def rescorings(request: HttpRequest, event: str, piece: Query[Piece]) -> Listed[RescoringOut]:
    """Newest first."""
    return newest_first(queries.rescorings(organized(request, event)), piece, RescoringOut.shown)


@router.post(CHALLENGE + "/rescorings", response={201: RescoringOut}, summary="Score anew")
def start(request: HttpRequest, event: str, challenge: str, given: RescoringIn) -> Status[RescoringOut]:
    """All that was scored, or what you name. No score changes until it is kept; it costs no try."""
    found = organized(request, event)
    on = challenge_of(found, challenge)
    begun = runs.start(
        on,
        given.reason,
        caller(request),
        team=named_or_none(Team.objects.filter(event=found), "team", given.team, "a team of this event"),
        submission=named_or_none(
            runs.scored_on(on.pk), "submission", given.submission, "a scored submission of this challenge"
        ),
        preparation=named_or_none(
            runs.preparations(on), "preparation", given.preparation, "one of the challenge's `preparations`"
        ),
    )
    return Status(201, RescoringOut.shown(queries.rescoring_of(found, begun.pk)))


@router.get(RESCORING, response=RescoringDetailOut, summary="One rescoring")
def rescoring(request: HttpRequest, event: str, rescoring: Path[Number]) -> RescoringDetailOut:
    """How far it is; when its runs are over, what keeping it would change."""
    return _whole(request, organized(request, event), rescoring)


@router.post(RESCORING + "/{step}", response=RescoringDetailOut, summary="Decide about a rescoring")
def decide(
    request: HttpRequest, event: str, rescoring: Path[Number], step: boards.Step
) -> RescoringDetailOut:
    """Keep it, discard it, take in what was scored since (`catch-up`), or undo what was kept."""
    found = organized(request, event)
    boards.STEPS[step](queries.rescoring_of(found, rescoring), caller(request))
    return _whole(request, found, rescoring)


def _whole(request: HttpRequest, event: Event, number: int) -> RescoringDetailOut:
    found = queries.rescoring_of(event, number)
    return RescoringDetailOut.whole(found, boards.report(found, caller(request)))
