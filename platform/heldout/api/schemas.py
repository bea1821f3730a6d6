"""What the API says. Scores are rounded to what their interval supports, as on the pages."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema

from heldout.catalog.queries import ChallengeCard
from heldout.events.models import Event
from heldout.events.rules import Viewer
from heldout.leaderboards.final import FinalBoard
from heldout.leaderboards.queries import BoardView
from heldout.submissions.models import Submission
from heldout.submissions.queries import SubmissionRow, insight_of, log_of, scores_for
from heldout.submissions.rules import Tries, digits, splits_for
from scoring.learned import Insight


class EventOut(Schema):
    """An event that the caller takes part in."""

    slug: str
    name: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, event: Event) -> "EventOut":
        """An event as the API says it."""
        return cls.model_validate(event)


class ChallengeOut(Schema):
    """A challenge; one that is locked for the caller has a title and a position only."""

    slug: str
    title: str
    position: int
    points: int
    state: str
    opens: list[str] = []
    """What opens it, while it is locked; any one of them is enough."""
    summary: str = ""
    kind: str = ""
    formats: list[str] = []
    metric: str = ""
    metric_label: str = ""
    higher_is_better: bool | None = None
    pass_score: float | None = None
    criteria: list[str] = []
    quota_per_day: int | None = None
    max_mb: int | None = None

    @classmethod
    def of(cls, card: ChallengeCard) -> "ChallengeOut":
        """A card as the API says it."""
        challenge, manifest = card.challenge, card.manifest
        short = cls(
            slug=challenge.slug,
            title=challenge.title,
            position=challenge.position,
            points=challenge.points,
            state=card.state,
            opens=[key.text for key in card.admission.keys] if not card.admission.admitted else [],
        )
        if card.state not in ("open", "closed"):
            return short
        return short.model_copy(
            update={
                "summary": manifest.summary,
                "kind": manifest.task.kind,
                "formats": manifest.formats,
                "metric": manifest.task.metric,
                "metric_label": manifest.task.metric_label,
                "higher_is_better": manifest.task.higher_is_better,
                "pass_score": manifest.pass_score,
                "criteria": [criterion.text for criterion in manifest.criteria],
                "quota_per_day": manifest.quota_per_day,
                "max_mb": manifest.limits.artefact_mb,
            }
        )


class BoardRowOut(Schema):
    """A team or a baseline on a board."""

    rank: int | None
    name: str
    is_baseline: bool
    team_id: int | None
    is_mine: bool
    score: float
    low: float
    high: float
    score_text: str
    macs: int | None
    milliseconds: float | None
    milliseconds_alone: float | None
    relative_latency: float | None
    resolution: list[int] | None
    submissions: int
    achieved_at: datetime | None
    passed: bool
    tied: bool
    """Other teams share its rank: none is significantly different from the best of them."""


class BoardOut(Schema):
    """A challenge's board, best first."""

    challenge: str
    metric: str
    higher_is_better: bool
    pass_score: float
    frozen_since: datetime | None
    """While it is set, others see the board as it stood then."""
    final_rule: str
    """What counts in the end, on the private split."""
    rows: list[BoardRowOut]

    @classmethod
    def of(cls, view: BoardView) -> "BoardOut":
        """A board as the API says it."""
        return cls(
            challenge=view.challenge.slug,
            metric=view.metric_label,
            higher_is_better=view.higher_is_better,
            pass_score=view.pass_score,
            frozen_since=view.frozen_since,
            final_rule=view.final_rule,
            rows=[BoardRowOut.model_validate(row) for row in view.rows],
        )


class FinalRowOut(Schema):
    """A team's place in the end."""

    rank: int
    public_rank: int | None
    name: str
    score: float
    low: float
    high: float
    score_text: str


class FinalBoardOut(Schema):
    """A challenge's final board, best first, on the private split."""

    challenge: str
    rule: str
    rows: list[FinalRowOut]

    @classmethod
    def of(cls, board: FinalBoard) -> "FinalBoardOut":
        """A final board as the API says it."""
        rows = [FinalRowOut.model_validate(vars(row) | {"name": row.team.name}) for row in board.rows]
        return cls(challenge=board.challenge.slug, rule=board.rule, rows=rows)


class ScoreOut(Schema):
    """A score on one split with its 95 % interval."""

    value: float
    low: float
    high: float
    count: int


class SubmissionOut(Schema):
    """A submission or a rehearsal of the caller's team."""

    id: UUID
    number: int
    rehearsal: bool
    challenge: str
    file_name: str
    digest: str
    note: str
    author: str
    format: str
    state: str
    stage: str
    fraction: float
    place: int | None
    wait_seconds: float | None
    created_at: datetime
    is_best: bool
    scores: dict[str, ScoreOut]
    cost: dict[str, Any] | None
    verdict: dict[str, Any] | None

    @classmethod
    def of(cls, row: SubmissionRow, visible: "frozenset[Any]") -> "SubmissionOut":
        """A submission with its scores on the splits that are `visible` to the caller."""
        submission = row.submission
        return cls(
            id=submission.pk,
            number=submission.number,
            rehearsal=row.rehearsal,
            challenge=submission.challenge.slug,
            file_name=submission.file_name,
            digest=submission.blob_id,
            note=row.note,
            author=row.author_name,
            format=row.format,
            state=row.state,
            stage=row.progress.stage,
            fraction=row.progress.fraction,
            place=row.progress.place,
            wait_seconds=row.progress.wait_seconds,
            created_at=row.created_at,
            is_best=row.is_best,
            scores=_scores(submission, visible),
            cost=row.cost.model_dump() if row.cost else None,
            verdict=row.verdict.model_dump() | {"title": row.verdict.title} if row.verdict else None,
        )


class SubmissionDetailOut(SubmissionOut):
    """A submission with what can be learned from it. `log` is that of a rehearsal, whole."""

    insight: Insight | None
    log: str

    @classmethod
    def for_viewer(cls, row: SubmissionRow, viewer: Viewer) -> "SubmissionDetailOut":
        """All that `viewer`, who may see the submission, may know of it."""
        submission = row.submission
        short = SubmissionOut.of(row, splits_for(viewer, submission.challenge.event))
        return cls(**dict(short), insight=insight_of(submission, viewer), log=log_of(submission, viewer))


def _scores(submission: Submission, visible: "frozenset[Any]") -> dict[str, ScoreOut]:
    found = scores_for(submission, visible).items()
    shown: dict[str, ScoreOut] = {}
    for split, score in found:
        decimals = digits(score.low, score.high)
        shown[split] = ScoreOut(
            value=round(score.value, decimals),
            low=round(score.low, decimals),
            high=round(score.high, decimals),
            count=score.count,
        )
    return shown


class SubmissionsOut(Schema):
    """A team's submissions to a challenge, newest first, and its tries today."""

    tries_left: int
    tries_per_day: int
    resets_at: datetime
    submissions: list[SubmissionOut]

    @classmethod
    def of(cls, tries: Tries, submissions: list[SubmissionOut]) -> "SubmissionsOut":
        """Both together."""
        return cls(
            tries_left=tries.left,
            tries_per_day=tries.per_day,
            resets_at=tries.resets_at,
            submissions=submissions,
        )
