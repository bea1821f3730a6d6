"""How far each team has come on each challenge of an event: what points and awards are made of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from heldout.catalog.models import Attainment, Challenge
from heldout.events.models import Event
from heldout.leaderboards.formula import Result, growth
from heldout.leaderboards.freezing import Sight
from heldout.leaderboards.models import BoardRules
from heldout.leaderboards.places import Place, Run, best_places, public_runs
from heldout.leaderboards.queries import costs_of, ranked_places


@dataclass(frozen=True)
class Progress:
    """A team on a challenge. `macs` is what its best submission costs, where that was asked for."""

    team: int
    challenge: Challenge
    result: Result
    passed_at: datetime | None
    last_at: datetime
    macs: int | None


def progress_in(
    event: Event, challenges: list[Challenge], rules: BoardRules, before: datetime | None
) -> list[Progress]:
    """All teams on all of these challenges, by what was handed in and passed `before` that moment."""
    passed = passed_in(event, before)
    return [
        one
        for challenge in challenges
        for one in progress_on(
            challenge, rules, public_runs(challenge, before), passed.get(challenge.pk, {}), with_costs=True
        )
    ]


def passed_in(event: Event, before: datetime | None) -> dict[int, dict[int, datetime]]:
    """For each challenge, when each team passed it, as far as that was `before`."""
    rows = Attainment.objects.filter(challenge__event=event, passed_at__isnull=False)
    if before is not None:
        rows = rows.filter(passed_at__lt=before)
    found: dict[int, dict[int, datetime]] = {}
    for challenge, team, at in rows.values_list("challenge", "team", "passed_at"):
        if at is not None:
            found.setdefault(challenge, {})[team] = at
    return found


def progress_on(
    challenge: Challenge,
    rules: BoardRules,
    runs: list[Run],
    passed: Mapping[int, datetime],
    *,
    with_costs: bool = False,
) -> Iterator[Progress]:
    """Each team that has one of these runs on the challenge, or has passed it."""
    manifest = challenge.bundle.manifest
    places = best_places(runs, higher_is_better=manifest.task.higher_is_better)
    ranks = _ranks(challenge, rules, places)
    first = {run.team: run for run in sorted(runs, key=lambda run: (run.at, run.number), reverse=True)}
    costs = costs_of(places) if with_costs else {}
    for team, place in places.items():
        grown = growth(first[team].score, place.run.score, manifest.pass_score)
        result = Result(challenge.points, team in passed, ranks.get(team, 0), len(places), grown)
        macs = costs.get(place.run.submission, {}).get("macs")
        yield Progress(team, challenge, result, passed.get(team), place.run.at, macs)
    for team in passed.keys() - places.keys():
        result = Result(challenge.points, True, None, len(places), 0.0)
        yield Progress(team, challenge, result, passed[team], passed[team], None)


def _ranks(challenge: Challenge, rules: BoardRules, places: dict[int, Place]) -> dict[int, int]:
    """Each team's rank, where the rules give points for it."""
    if not rules.rank_bonus:
        return {}
    return {one.entry.team: one.rank for one in ranked_places(challenge, places, Sight(rules, "live", None))}
