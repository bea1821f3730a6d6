"""A board from its first score to its last, frame by frame: what a hall likes to see again at the end."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from heldout.catalog.models import Attainment, Challenge
from heldout.events.models import Event
from heldout.leaderboards import formula
from heldout.leaderboards.freezing import Sight
from heldout.leaderboards.models import BoardRules
from heldout.leaderboards.places import Place, Run, best_places, public_runs_told
from heldout.leaderboards.points import Pass, ranked
from heldout.leaderboards.progress import results_on
from heldout.leaderboards.queries import ranked_places, shown_score
from heldout.leaderboards.rules import axis
from heldout.teams.models import Team

FRAMES = 150
"""Most moments that are shown: as many as one can follow in a minute."""
ROWS = 12
"""Most teams in a frame: as many as a hall can read."""


@dataclass(frozen=True)
class Bar:
    """A team in a frame. `length` is from 0 to 1, longer for better."""

    team: int
    rank: int
    text: str
    length: float


@dataclass(frozen=True)
class Frame:
    """The first teams as they stood from that moment on, best first."""

    at: datetime
    bars: list[Bar]


@dataclass(frozen=True)
class Lead:
    """From that moment on another team was first, or others came to share the first rank."""

    at: datetime
    names: list[str]
    text: str


@dataclass(frozen=True)
class Timelapse:
    """All frames, in order of time, with the names of the teams in them."""

    measured: str
    """What the bars show, as a noun."""
    frames: list[Frame] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)

    @property
    def leads(self) -> list[Lead]:
        """Each change of who is first: the story in words."""
        found: list[Lead] = []
        before: set[int] = set()
        for frame in self.frames:
            first = [bar for bar in frame.bars if bar.rank == 1]
            if first and {bar.team for bar in first} != before:
                before = {bar.team for bar in first}
                found.append(Lead(frame.at, [self.names[bar.team] for bar in first], first[0].text))
        return found

    @property
    def data(self) -> dict[str, Any]:
        """For the script that plays it."""
        return {
            "names": self.names,
            "frames": [
                {
                    "at": frame.at.isoformat(),
                    "bars": [[bar.team, bar.rank, bar.text, round(bar.length, 4)] for bar in frame.bars],
                }
                for frame in self.frames
            ],
        }


Told = list[tuple[datetime, Run]]


def of_challenge(challenge: Challenge, seen: Sight) -> Timelapse:
    """A challenge's board by the public scores that were known at each moment."""
    manifest = challenge.bundle.manifest
    higher = manifest.task.higher_is_better
    told = public_runs_told(challenge, seen.before)
    ends = axis([run.score for _, run in told], manifest.pass_score)

    def standing(at: datetime) -> list[Bar]:
        places = best_places(_known(told, at), higher_is_better=higher)
        return [_bar(challenge, places[one.entry.team], one.rank, ends) for one in _first(places, at)]

    def _first(places: dict[int, Place], at: datetime) -> list[Any]:
        return ranked_places(challenge, places, Sight(seen.rules, "live", None))[:ROWS]

    moments = [at for at, _ in told]
    return _made(manifest.task.metric_label, moments, standing)


def _bar(challenge: Challenge, place: Place, rank: int, ends: tuple[float, float]) -> Bar:
    manifest = challenge.bundle.manifest
    share = min(1.0, max(0.0, (place.run.score - ends[0]) / (ends[1] - ends[0])))
    length = share if manifest.task.higher_is_better else 1 - share
    return Bar(place.run.team, rank, shown_score(place.run, manifest)["score_text"], length)


def of_points(
    event: Event, challenges: list[Challenge], rules: BoardRules, before: datetime | None
) -> Timelapse:
    """The event's board by the points that each team had at each moment."""
    passed = _passed(event, before)
    told = {challenge: public_runs_told(challenge, before) for challenge in challenges}
    counts_growth = bool(rules.rank_bonus or rules.growth_bonus)
    moments = [at for per in passed.values() for at in per.values()]
    if counts_growth:
        moments += [at for runs in told.values() for at, _ in runs]
    last = _earned(told, passed, rules, max(moments)) if moments else []
    most = max((total.points for total in ranked(last)), default=0)

    def standing(at: datetime) -> list[Bar]:
        totals = ranked(_earned(told, passed, rules, at))
        return [
            Bar(total.team, total.rank, str(total.points), min(1.0, total.points / (most or 1)))
            for total in totals[:ROWS]
        ]

    return _made("points", moments, standing)


def _passed(event: Event, before: datetime | None) -> dict[int, dict[int, datetime]]:
    """For each challenge, when each team passed it."""
    rows = Attainment.objects.filter(challenge__event=event, passed_at__isnull=False)
    found: dict[int, dict[int, datetime]] = {}
    for challenge, team, at in rows.values_list("challenge", "team", "passed_at"):
        if at is not None and (before is None or at < before):
            found.setdefault(challenge, {})[team] = at
    return found


def _earned(
    told: dict[Challenge, Told], passed: dict[int, dict[int, datetime]], rules: BoardRules, at: datetime
) -> Iterator[Pass]:
    """What each team had earned on each challenge by then."""
    for challenge, runs in told.items():
        by_then = {team: when for team, when in passed.get(challenge.pk, {}).items() if when <= at}
        for team, result in results_on(challenge, rules, _known(runs, at), by_then):
            found = formula.points(result, rules.rank_bonus, rules.growth_bonus)
            if team in by_then or found:
                yield Pass(team, challenge.pk, found, by_then.get(team, at))


def _known(told: Told, at: datetime) -> list[Run]:
    return [run for known, run in told if known <= at]


def _made(measured: str, moments: Iterable[datetime], standing: Callable[[datetime], list[Bar]]) -> Timelapse:
    """A frame for each of these moments, as far as the frame differs from the one before."""
    frames: list[Frame] = []
    for at in thinned(sorted(set(moments))):
        bars = standing(at)
        if not frames or bars != frames[-1].bars:
            frames.append(Frame(at, bars))
    teams = {bar.team for frame in frames for bar in frame.bars}
    names = dict(Team.objects.filter(pk__in=teams).values_list("pk", "name"))
    return Timelapse(measured, frames, names)


def thinned(moments: list[datetime], most: int = FRAMES) -> list[datetime]:
    """At most that many of them, evenly chosen, the last among them."""
    if len(moments) <= most:
        return moments
    return [moments[round(index * (len(moments) - 1) / (most - 1))] for index in range(most)]
