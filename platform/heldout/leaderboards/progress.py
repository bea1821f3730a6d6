"""How far each team has come on each challenge of an event: what points and awards are made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from heldout.catalog.models import Attainment, Challenge
from heldout.events.models import Event
from heldout.leaderboards.formula import Result, growth
from heldout.leaderboards.freezing import Sight
from heldout.leaderboards.models import BoardRules
from heldout.leaderboards.places import Place, Run, best_places, public_runs
from heldout.leaderboards.queries import costs_of, ranked_places
from heldout.leaderboards.rules import Ranked


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
    manifest = challenge.bundle.manifest
    runs, places, ranks = _standing(challenge, rules, before)
    first = {run.team: run for run in sorted(runs, key=lambda run: (run.at, run.number), reverse=True)}
    costs = costs_of(places)
    for team, place in places.items():
        grown = growth(first[team].score, place.run.score, manifest.pass_score)
        result = Result(challenge.points, team in passed, ranks[team], len(places), grown)
        macs = costs.get(place.run.submission, {}).get("macs")
        yield Progress(team, challenge, result, passed.get(team), place.run.at, macs)
    for team in passed.keys() - places.keys():
        result = Result(challenge.points, True, None, len(places), 0.0)
        yield Progress(team, challenge, result, passed[team], passed[team], None)


def _standing(
    challenge: Challenge, rules: BoardRules, before: datetime | None
) -> tuple[list[Run], dict[int, Place], dict[int, int]]:
    runs = public_runs(challenge, before)
    higher = challenge.bundle.manifest.task.higher_is_better
    places = best_places(runs, higher_is_better=higher)
    seen = Sight(rules, "live", None)
    ranked: list[Ranked] = ranked_places(challenge, places, seen) if rules.rank_bonus else []
    ranks = {one.entry.team: one.rank for one in ranked}
    return runs, places, {team: ranks.get(team, 0) for team in places}
