"""What the pages that look at several rooms at once show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from challenges import bundle as bundles
from challenges.manifest import Format, Manifest
from heldout.accounts.models import User
from heldout.catalog.criteria import Judged
from heldout.catalog.models import Challenge, Preparation
from heldout.catalog.queries import (
    ChallengeCard,
    baselines,
    builtin_bundles,
    challenges_for,
    latest_preparation,
)
from heldout.catalog.rules import closing_time
from heldout.catalog.showing import Showing, showings
from heldout.events.models import Event, RoleName
from heldout.leaderboards.models import Standing
from heldout.leaderboards.queries import BoardRow, BoardView
from heldout.leaderboards.rules import axis, passes, score_text, visible_splits
from heldout.submissions.models import Submission
from heldout.submissions.queries import SubmissionRow, WorkersView, scores_for
from heldout.teams.models import Team
from scoring.job import PreparationReport

TOP = 5


@dataclass(frozen=True)
class Timeline:
    """Where an event is in time, and what comes next."""

    phase_text: str
    now_text: str
    next_text: str
    next_at: datetime | None
    countdown_label: str
    countdown_at: datetime | None


@dataclass(frozen=True)
class HomeCard:
    """A challenge on the event's page, with what the reader's team has reached."""

    card: ChallengeCard
    visible: bool
    best: Standing | None
    best_text: str
    passed: bool
    lines: list[Judged]
    """What the team must show, and has."""

    @property
    def to_show(self) -> int:
        """How much of it is missing, where the score alone does not pass."""
        return sum(not line.met for line in self.lines) if len(self.lines) > 1 else 0


@dataclass(frozen=True)
class CoachedTeam:
    """How a coach's team fares on one challenge. `row` is its place on the board, if it has one."""

    team: Team
    row: BoardRow | None
    latest: Submission | None


@dataclass(frozen=True)
class ControlItem:
    """A challenge in the control room, with its newest self-test.

    `unserved` are its formats that no living worker may run; `needs_gpu`: it requires one, and none is.
    """

    card: ChallengeCard
    report: PreparationReport | None
    passed_checks: int
    unserved: list[Format]
    needs_gpu: bool


@dataclass(frozen=True)
class OfferedBundle:
    """A built-in bundle that the event does not have yet. `folder` is its name."""

    folder: str
    manifest: Manifest


@dataclass(frozen=True)
class Line:
    """A score with its interval, to be drawn on an axis."""

    name: str
    score: float
    low: float
    high: float
    score_text: str
    is_mine: bool


@dataclass(frozen=True)
class Comparison:
    """A submission's score against the pass line and the baselines, which decide by exact numbers."""

    metric_label: str
    pass_score: float
    passed: bool
    axis: tuple[float, float]
    lines: list[Line]


def home_cards(event: Event, user: User, team: Team | None) -> list[HomeCard]:
    """The event's challenges in order, with the best score of `team` on each."""
    standings = Standing.objects.filter(challenge__event=event, team=team) if team else []
    best = {standing.challenge_id: standing for standing in standings}
    shown = showings(event, team)
    cards = challenges_for(event, user)
    return [_home_card(card, best.get(card.challenge.pk), shown.get(card.challenge.pk)) for card in cards]


def _home_card(card: ChallengeCard, best: Standing | None, shown: Showing | None) -> HomeCard:
    visible = card.state not in ("draft", "locked")
    lines, passed = (shown.lines, shown.passed_at is not None) if shown else ([], False)
    if best is None:
        return HomeCard(card, visible, None, "", passed, lines)
    higher = card.manifest.task.higher_is_better
    text = score_text(best.score, best.low, best.high, card.manifest.pass_score, higher_is_better=higher)
    return HomeCard(card, visible, best, text, passed, lines)


def timeline(event: Event, cards: list[HomeCard], now: datetime) -> Timeline:
    """What is on now, what is next and how long it takes."""
    if now < event.starts_at:
        return Timeline(
            "Not started", "Not started", "It begins", event.starts_at, "Starts in", event.starts_at
        )
    if now >= event.ends_at:
        return Timeline("Over", "The event is over", "The boards stay open", None, "", None)
    open_now = [card.card.challenge for card in cards if card.card.state == "open"]
    next_text, next_at = _next(event, open_now, now)
    return Timeline(_day(event, now), _now_text(open_now), next_text, next_at, "Ends in", event.ends_at)


def _day(event: Event, now: datetime) -> str:
    zone = ZoneInfo(event.time_zone)
    first = event.starts_at.astimezone(zone).date()
    last = (event.ends_at - timedelta(microseconds=1)).astimezone(zone).date()
    return f"Day {(now.astimezone(zone).date() - first).days + 1} of {(last - first).days + 1}"


def _now_text(open_now: list[Challenge]) -> str:
    if not open_now:
        return "No challenge is open"
    newest = max(open_now, key=lambda challenge: challenge.position)
    return newest.title if len(open_now) == 1 else f"{newest.title}, and {len(open_now) - 1} more open"


def _next(event: Event, open_now: list[Challenge], now: datetime) -> tuple[str, datetime]:
    """The next thing that time brings: a challenge closes, teams lock, the event ends."""
    coming = [(event.ends_at, "The event ends")]
    coming += [(closing_time(c), f"{c.title} closes") for c in open_now if c.closes_at]
    if event.teams_lock_at and event.teams_lock_at > now:
        coming.append((event.teams_lock_at, "Teams lock"))
    at, text = min(coming, key=lambda pair: pair[0])
    return text, at


def comparison(challenge: Challenge, row: SubmissionRow) -> Comparison | None:
    """A scored submission among the baselines, best first; None for one without a score."""
    own = scores_for(row.submission, visible_splits(RoleName.PARTICIPANT)).get("public")
    if own is None or row.rehearsal:
        return None
    manifest = challenge.bundle.manifest
    higher = manifest.task.higher_is_better
    name = f"Submission {row.submission.number}"
    lines = [Line(name, own.value, own.low, own.high, row.score_text, True)]
    for b in baselines(challenge):
        shown = score_text(b.score, b.low, b.high, manifest.pass_score, higher_is_better=higher)
        lines.append(Line(b.name, b.score, b.low, b.high, shown, False))
    lines.sort(key=lambda line: line.score, reverse=higher)
    ends = [end for line in lines for end in (line.low, line.high)]
    return Comparison(
        metric_label=manifest.task.metric_label,
        pass_score=manifest.pass_score,
        passed=passes(own.value, manifest.pass_score, higher_is_better=higher),
        axis=axis(ends, manifest.pass_score),
        lines=lines,
    )


def my_row(board: BoardView) -> BoardRow | None:
    """The reader's own row of a board."""
    return next((row for row in board.rows if row.is_mine), None)


def coached_on(board: BoardView, teams: list[Team]) -> list[CoachedTeam]:
    """The coach's teams on a challenge, each with its newest submission."""
    handed_in = Submission.objects.filter(challenge=board.challenge, team__in=teams).order_by("number")
    latest = {submission.team_id: submission for submission in handed_in}
    rows = {row.team_id: row for row in board.rows}
    return [CoachedTeam(team, rows.get(team.pk), latest.get(team.pk)) for team in teams]


def top_rows(board: BoardView) -> list[BoardRow]:
    """The first teams of a board, and the reader's own wherever it is."""
    teams = [row for row in board.rows if not row.is_baseline]
    return teams[:TOP] + [row for row in teams[TOP:] if row.is_mine]


def control_items(event: Event, user: User, workers: WorkersView) -> list[ControlItem]:
    """The event's challenges as its organizers see them."""
    cards = challenges_for(event, user)
    return [_control_item(card, latest_preparation(card.challenge), workers) for card in cards]


def _control_item(card: ChallengeCard, preparation: Preparation | None, workers: WorkersView) -> ControlItem:
    report = preparation.report if preparation else None
    formats = [name for name in card.manifest.formats if name not in workers.formats]
    return ControlItem(
        card=card,
        report=report,
        passed_checks=sum(check.passed for check in report.checks) if report else 0,
        unserved=formats if workers.alive else [],
        needs_gpu=needs_gpu(card.manifest, workers),
    )


def needs_gpu(manifest: Manifest, workers: WorkersView) -> bool:
    """Whether nothing of a challenge is scored now, because it requires a GPU and no worker has one."""
    return manifest.limits.accelerator == "required" and not workers.gpu_alive


def offered_bundles(event: Event) -> list[OfferedBundle]:
    """The built-in bundles whose challenge the event lacks."""
    taken = set(event.challenges.values_list("slug", flat=True))
    offered = [_offered(folder) for folder in builtin_bundles()]
    return [bundle for bundle in offered if bundle.manifest.slug not in taken]


@cache
def _offered(folder: Path) -> OfferedBundle:
    """Read and checked once: what ships with the product does not change while it runs."""
    return OfferedBundle(folder.name, bundles.read(folder).manifest)
