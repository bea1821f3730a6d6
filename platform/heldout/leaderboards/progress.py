"""How far each team has come on each challenge of an event: what points and awards are made of."""

from collections.abc import Collection, Iterator
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
    """A team on a challenge. `macs` is what its best submission costs."""

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
    passed = Attainment.objects.filter(challenge__event=event, passed_at__isnull=False)
    if before is not None:
        passed = passed.filter(passed_at__lt=before)
    at = {
        (challenge, team): when
        for challenge, team, when in passed.values_list("challenge", "team", "passed_at")
    }
    found: list[Progress] = []
    for challenge in challenges:
        own = {team: when for (key, team), when in at.items() if key == challenge.pk and when is not None}
        found += _on(challenge, rules, before, own)
    return found


def _on(
    challenge: Challenge, rules: BoardRules, before: datetime | None, passed: dict[int, datetime]
) -> Iterator[Progress]:
    runs = public_runs(challenge, before)
    places = best_places(runs, higher_is_better=challenge.bundle.manifest.task.higher_is_better)
    costs = costs_of(places)
    for team, result in results_on(challenge, rules, runs, passed.keys()):
        place = places.get(team)
        last_at = place.run.at if place else passed[team]
        macs = costs.get(place.run.submission, {}).get("macs") if place else None
        yield Progress(team, challenge, result, passed.get(team), last_at, macs)


def results_on(
    challenge: Challenge, rules: BoardRules, runs: list[Run], passed: Collection[int]
) -> Iterator[tuple[int, Result]]:
    """What points are made of, for each team that has one of these runs or has passed."""
    manifest = challenge.bundle.manifest
    places = best_places(runs, higher_is_better=manifest.task.higher_is_better)
    ranks = _ranks(challenge, rules, places)
    first = {run.team: run for run in sorted(runs, key=lambda run: (run.at, run.number), reverse=True)}
    for team, place in places.items():
        grown = growth(first[team].score, place.run.score, manifest.pass_score)
        yield team, Result(challenge.points, team in passed, ranks.get(team, 0), len(places), grown)
    for team in passed:
        if team not in places:
            yield team, Result(challenge.points, True, None, len(places), 0.0)


def _ranks(challenge: Challenge, rules: BoardRules, places: dict[int, Place]) -> dict[int, int]:
    """Each team's rank, where the rules give points for it."""
    if not rules.rank_bonus:
        return {}
    return {one.entry.team: one.rank for one in ranked_places(challenge, places, Sight(rules, "live", None))}
