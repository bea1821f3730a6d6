"""What the API says. Scores are rounded to what their interval supports, as on the pages."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.utils import timezone
from ninja import Schema

from heldout.accounts.models import ApiToken, User
from heldout.api.paging import Listed
from heldout.catalog.queries import ChallengeCard
from heldout.catalog.rules import closing_time
from heldout.events.models import Event
from heldout.events.rules import Viewer, phase_of, role_of
from heldout.submissions.models import Submission
from heldout.submissions.queries import SubmissionRow, insight_of, log_of, scores_for
from heldout.submissions.rules import Tries, digits, splits_for
from heldout.teams.models import Team
from scoring.learned import Insight


class TeamOut(Schema):
    """A team, by its number and its name."""

    id: int
    name: str

    @classmethod
    def of(cls, team: Team) -> "TeamOut":
        """A team as the API says it."""
        return cls.model_validate(team)


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


class MeOut(Schema):
    """Who asks. By session, `scopes` and `expires_at` are null."""

    name: str
    email: str | None
    """Null for a team's token, which many share."""
    scopes: list[str] | None
    team: TeamOut | None
    """The team whose token it is; null for a person's."""
    expires_at: datetime | None

    @classmethod
    def of(cls, user: User, token: ApiToken | None) -> "MeOut":
        """The caller, by a token of theirs or by session."""
        return cls(
            name=str(user),
            email=user.email,
            scopes=token.scopes if token else None,
            team=None,
            expires_at=token.expires_at if token else None,
        )

    @classmethod
    def of_team(cls, team: Team, token: ApiToken) -> "MeOut":
        """A team, by a token of it; the member who made that is not named."""
        return cls(
            name=team.name,
            email=None,
            scopes=token.scopes,
            team=TeamOut.of(team),
            expires_at=token.expires_at,
        )


class EventDetailOut(EventOut):
    """An event, and what the caller is in it."""

    tagline: str
    venue: str
    phase: Literal["before", "running", "over"]
    teams_lock_at: datetime | None
    team_size_limit: int
    code_of_conduct: str
    """In Markdown."""
    role: str | None
    """participant, coach or organizer; null for who runs the site."""
    team: TeamOut | None

    @classmethod
    def for_viewer(cls, event: Event, viewer: User, team: Team | None) -> "EventDetailOut":
        """The event as somebody of it sees it."""
        return cls(
            **dict(EventOut.of(event)),
            tagline=event.tagline,
            venue=event.venue,
            phase=phase_of(event, timezone.now()),
            teams_lock_at=event.teams_lock_at,
            team_size_limit=event.team_size_limit,
            code_of_conduct=event.code_of_conduct,
            role=role_of(viewer, event),
            team=TeamOut.of(team) if team else None,
        )


class SessionOut(Schema):
    """An item of the agenda. An open one may be attended by anybody who registers."""

    id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    room: str
    speaker: str
    abstract: str
    slides_url: str
    is_open: bool
    capacity: int | None


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


class FileOut(Schema):
    """A file that teams may download. `digest` is its SHA-256; `url` answers `Range` requests."""

    name: str
    size: int
    digest: str
    url: str


class ChallengeDetailOut(ChallengeOut):
    """A challenge that is open to the caller."""

    opened_at: datetime | None
    closes_at: datetime
    statement: str
    """What to do, in Markdown."""
    files: list[FileOut]

    @classmethod
    def whole(cls, card: ChallengeCard, statement: str, files: list[FileOut]) -> "ChallengeDetailOut":
        """All that a team is told of it."""
        return cls(
            **dict(ChallengeOut.of(card)),
            opened_at=card.challenge.opened_at,
            closes_at=closing_time(card.challenge),
            statement=statement,
            files=files,
        )


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


class SubmissionsOut(Listed[SubmissionOut]):
    """A team's submissions to a challenge, newest first, and its tries today."""

    tries_left: int
    tries_per_day: int
    resets_at: datetime

    @classmethod
    def of(cls, tries: Tries, items: list[SubmissionOut], after: str | None) -> "SubmissionsOut":
        """Both together."""
        return cls(
            tries_left=tries.left,
            tries_per_day=tries.per_day,
            resets_at=tries.resets_at,
            items=items,
            next=after,
        )
