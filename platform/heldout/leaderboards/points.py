"""The event's board: points for passed challenges. It counts what teams have learned, not who is first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from heldout.catalog.models import Challenge
from heldout.catalog.rules import is_opened
from heldout.events.models import Event
from heldout.events.rules import Viewer
from heldout.leaderboards import formula, shelf
from heldout.leaderboards.awards import Award, awards
from heldout.leaderboards.models import BoardRules
from heldout.leaderboards.progress import Progress, progress_in
from heldout.leaderboards.rules import is_frozen, rules_of, sees_frozen
from heldout.teams.models import Team
from heldout.teams.queries import team_of, teams_of


@dataclass(frozen=True)
class Pass:
    """A team has earned `points` on a challenge, by passing it or by growing on it."""

    team: int
    challenge: int
    points: int
    at: datetime
    why: tuple[str, ...] = ()
    """What the points are for, part by part."""


@dataclass(frozen=True)
class Total:
    """A team's points, its rank by them, and when it earned the last."""

    team: int
    rank: int
    points: int
    last_at: datetime


@dataclass(frozen=True)
class PointsRow:
    """A team on the event's board. One without points has no rank: it is on its way."""

    team: Team
    is_mine: bool
    total: Total | None
    passed: list[bool]
    """For each open challenge in order, whether the team has passed it."""
    why: list[tuple[str, str]]
    """For each challenge that gave points, its title and what they are for."""

    @property
    def count(self) -> int:
        """How many it has passed."""
        return sum(self.passed)


@dataclass(frozen=True)
class PointsBoard:
    """The event's board. `frozen_since`: others see what was earned by then."""

    challenges: list[Challenge]
    rows: list[PointsRow]
    awards: list[Award]
    rules: BoardRules
    frozen_since: datetime | None

    @property
    def rule_text(self) -> str:
        """What gives points, in one sentence."""
        return formula.rule_text(self.rules.rank_bonus, self.rules.growth_bonus)


def ranked(passes: Iterable[Pass]) -> list[Total]:
    """Put teams in order by points and number them as in sports: 1, 2, 2, 4.

    Equal points share a rank; among them the team that earned its last points earlier is listed first.
    """
    sums: dict[int, tuple[int, datetime]] = {}
    for one in passes:
        points, last = sums.get(one.team, (0, one.at))
        sums[one.team] = (points + one.points, max(last, one.at))
    ordered = sorted(sums.items(), key=lambda item: (-item[1][0], item[1][1], item[0]))
    totals: list[Total] = []
    for index, (team, (points, last)) in enumerate(ordered):
        tied = bool(totals) and totals[-1].points == points
        totals.append(Total(team, totals[-1].rank if tied else index + 1, points, last))
    return totals


def points_board(event: Event, viewer: Viewer, now: datetime) -> PointsBoard:
    """The event's board as `viewer` sees it, made once for each change."""
    rules = rules_of(event)
    until = rules.freezes_at if sees_frozen(viewer, rules, now) else None
    since = rules.freezes_at if is_frozen(rules, now) else None
    challenges = opened(event, now)
    # What opens by the clock alone renews no edition.
    name = f"points:{until}:{since}:{[challenge.pk for challenge in challenges]}"
    edition = shelf.edition(event.slug, "")
    board = shelf.part(edition, name, lambda: _made(event, challenges, rules, until, since))
    mine = team_of(viewer, event)
    if mine is None:
        return board
    rows = [replace(row, is_mine=True) if row.team.pk == mine.pk else row for row in board.rows]
    return replace(board, rows=rows)


def _made(
    event: Event,
    challenges: list[Challenge],
    rules: BoardRules,
    until: datetime | None,
    since: datetime | None,
) -> PointsBoard:
    """The board with nobody's row marked, by what was known `until` then."""
    progress = progress_in(event, challenges, rules, until)
    earned = list(earned_by(progress, rules))
    teams = {team.pk: team for team in teams_of(event)}
    totals = {total.team: total for total in ranked(earned)}
    has_passed = {(one.team, one.challenge.pk) for one in progress if one.passed_at}
    order = [*totals, *(team for team in teams if team not in totals)]
    titles = {challenge.pk: challenge.title for challenge in challenges}
    rows = [
        PointsRow(
            team=teams[key],
            is_mine=False,
            total=totals.get(key),
            passed=[(key, challenge.pk) in has_passed for challenge in challenges],
            why=[(titles[one.challenge], ", ".join(one.why)) for one in earned if one.team == key],
        )
        for key in order
        if key in teams
    ]
    return PointsBoard(challenges, rows, awards(progress, teams), rules, since)


def opened(event: Event, now: datetime) -> list[Challenge]:
    """The challenges that give points so far, in order."""
    found = Challenge.objects.filter(event=event).select_related("event", "bundle", "preparation")
    return [challenge for challenge in found if is_opened(challenge, now)]


def earned_by(progress: Iterable[Progress], rules: BoardRules) -> Iterator[Pass]:
    """What each team has earned on each challenge, where it has earned something."""
    for one in progress:
        found = formula.points(one.result, rules.rank_bonus, rules.growth_bonus)
        why = formula.explained(one.result, rules.rank_bonus, rules.growth_bonus)
        if one.passed_at or found:
            at = one.passed_at or one.last_at
            yield Pass(one.team, one.challenge.pk, found, at, tuple(why))
