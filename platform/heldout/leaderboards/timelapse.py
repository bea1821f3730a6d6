"""A board from its first score to its last, frame by frame: what a hall likes to see again at the end."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from heldout.catalog.models import Challenge
from heldout.events.models import Event
from heldout.leaderboards.freezing import Sight
from heldout.leaderboards.models import BoardRules
from heldout.leaderboards.places import Place, Run, best_places, public_runs_told
from heldout.leaderboards.points import Total, earned_by, ranked
from heldout.leaderboards.progress import Progress, passed_in, progress_on
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

    sight = Sight(seen.rules, "live", None)

    def standing(at: datetime) -> list[Bar]:
        places = best_places(_known(told, at), higher_is_better=higher)
        first = ranked_places(challenge, places, sight)[:ROWS]
        return [_bar(challenge, places[one.entry.team], one.rank, ends) for one in first]

    return _made(manifest.task.metric_label, [at for at, _ in told], standing)


def _bar(challenge: Challenge, place: Place, rank: int, ends: tuple[float, float]) -> Bar:
    manifest = challenge.bundle.manifest
    share = min(1.0, max(0.0, (place.run.score - ends[0]) / (ends[1] - ends[0])))
    length = share if manifest.task.higher_is_better else 1 - share
    return Bar(place.run.team, rank, shown_score(place.run, manifest)["score_text"], length)


def of_points(
    event: Event, challenges: list[Challenge], rules: BoardRules, before: datetime | None
) -> Timelapse:
    """The event's board by the points that each team had at each moment."""
    passed = passed_in(event, before)
    told = {challenge: public_runs_told(challenge, before) for challenge in challenges}
    moments = [at for own in passed.values() for at in own.values()]
    if rules.rank_bonus or rules.growth_bonus:
        # Then each score may move points.
        moments += [at for runs in told.values() for at, _ in runs]

    def totals(at: datetime) -> list[Total]:
        return ranked(one for each in told for one in earned_by(_progress(each, at), rules))

    def _progress(challenge: Challenge, at: datetime) -> Iterator[Progress]:
        own = passed.get(challenge.pk, {}).items()
        by_then = {team: when for team, when in own if when <= at}
        return progress_on(challenge, rules, _known(told[challenge], at), by_then)

    most = max((total.points for total in totals(max(moments))), default=0) if moments else 0

    def standing(at: datetime) -> list[Bar]:
        return [
            Bar(total.team, total.rank, str(total.points), min(1.0, total.points / (most or 1)))
            for total in totals(at)[:ROWS]
        ]

    return _made("points", moments, standing)


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
