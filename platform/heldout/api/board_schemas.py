"""What the API says of boards. Scores are rounded to what their interval supports, as on the pages."""

from datetime import datetime

from ninja import Schema

from heldout.api.schemas import TeamOut
from heldout.leaderboards.final import FinalBoard
from heldout.leaderboards.points import PointsBoard, PointsRow
from heldout.leaderboards.queries import BoardView


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


class EventBoardRowOut(Schema):
    """A team on the event's board. Without points it has no rank."""

    rank: int | None
    team: TeamOut
    is_mine: bool
    points: int
    last_at: datetime | None
    """When it earned its last points."""
    passed: list[str]
    """The challenges that it has passed."""
    why: list[str]
    """What its points are for, a line a challenge."""


class EventBoardOut(Schema):
    """The event's board, best first."""

    rule: str
    frozen_since: datetime | None
    """While it is set, others see the board as it stood then."""
    challenges: list[str]
    """Those that have opened, in order."""
    rows: list[EventBoardRowOut]

    @classmethod
    def of(cls, board: PointsBoard) -> "EventBoardOut":
        """A board as the API says it."""
        slugs = [challenge.slug for challenge in board.challenges]
        return cls(
            rule=board.rule_text,
            frozen_since=board.frozen_since,
            challenges=slugs,
            rows=[_event_board_row(row, slugs) for row in board.rows],
        )


def _event_board_row(row: PointsRow, slugs: list[str]) -> EventBoardRowOut:
    return EventBoardRowOut(
        rank=row.total.rank if row.total else None,
        team=TeamOut.of(row.team),
        is_mine=row.is_mine,
        points=row.total.points if row.total else 0,
        last_at=row.total.last_at if row.total else None,
        passed=[slug for slug, passed in zip(slugs, row.passed, strict=True) if passed],
        why=[f"{title}: {why}" for title, why in row.why],
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
