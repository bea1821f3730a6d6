"""The event's board: points for passed challenges. It counts what teams have learned, not who is first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from heldout.catalog.models import Attainment, Challenge
from heldout.catalog.rules import is_opened
from heldout.events.models import Event
from heldout.events.rules import Viewer
from heldout.leaderboards.rules import is_frozen, rules_of, sees_frozen
from heldout.teams.models import Team
from heldout.teams.queries import team_of, teams_of


@dataclass(frozen=True)
class Pass:
    """A team has passed a challenge that is worth `points`."""

    team: int
    challenge: int
    points: int
    at: datetime


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

    @property
    def count(self) -> int:
        """How many it has passed."""
        return sum(self.passed)


@dataclass(frozen=True)
class PointsBoard:
    """The event's board."""

    challenges: list[Challenge]
    rows: list[PointsRow]
    frozen_since: datetime | None


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
    """The event's board as `viewer` sees it, in a constant number of queries."""
    challenges = [c for c in Challenge.objects.filter(event=event) if is_opened(c, now)]
    teams, mine = {team.pk: team for team in teams_of(event)}, team_of(viewer, event)
    rules = rules_of(event)
    until = rules.freezes_at if sees_frozen(viewer, rules, now) else None
    passes = [one for one in _passes(event) if until is None or one.at < until]
    totals = {total.team: total for total in ranked(passes)}
    has_passed = {(one.team, one.challenge) for one in passes}
    order = [*totals, *(team for team in teams if team not in totals)]
    rows = [
        PointsRow(
            team=teams[key],
            is_mine=mine is not None and mine.pk == key,
            total=totals.get(key),
            passed=[(key, challenge.pk) in has_passed for challenge in challenges],
        )
        for key in order
    ]
    return PointsBoard(challenges, rows, rules.freezes_at if is_frozen(rules, now) else None)


def _passes(event: Event) -> Iterable[Pass]:
    passed = Attainment.objects.filter(challenge__event=event, passed_at__isnull=False)
    for team, challenge, points, at in passed.values_list(
        "team", "challenge", "challenge__points", "passed_at"
    ):
        if at is not None:
            yield Pass(team, challenge, points, at)
