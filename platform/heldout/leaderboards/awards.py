"""Awards of an event: for being first to pass, for growth, and for thrift."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from heldout.leaderboards.progress import Progress
from heldout.teams.models import Team


@dataclass(frozen=True)
class Award:
    """Who gets it, and for what."""

    title: str
    team: Team
    why: str


def awards(progress: Iterable[Progress], teams: Mapping[int, Team]) -> list[Award]:
    """One award of a kind; none where nobody has earned it. Among equals the earlier team gets it."""
    known = [one for one in progress if one.team in teams]
    found = [_first(known), _grown(known), _frugal(known)]
    return [Award(title, teams[one.team], why) for title, one, why in filter(None, found)]


Found = tuple[str, Progress, str]


def _first(progress: list[Progress]) -> Found | None:
    passed = [(one.passed_at, one.team, one) for one in progress if one.passed_at is not None]
    if not passed:
        return None
    one = min(passed, key=lambda each: each[:2])[2]
    return "First to pass", one, one.challenge.title


def _grown(progress: list[Progress]) -> Found | None:
    grown = [one for one in progress if one.result.growth > 0]
    if not grown:
        return None
    one = min(grown, key=lambda each: (-each.result.growth, each.last_at, each.team))
    share = f"{one.result.growth * 100:.0f} % of the way from its first score to the pass line"
    return "Most improved", one, f"{one.challenge.title}: {share}"


def _frugal(progress: list[Progress]) -> Found | None:
    """The passed challenge with the fewest mult-adds beside the median of those who passed it."""
    thrifty = [(share, one) for one in progress if (share := _share_of_median(one, progress)) is not None]
    if not thrifty:
        return None
    share, one = min(thrifty, key=lambda each: (each[0], each[1].last_at, each[1].team))
    if share >= 1:
        return None
    return "Most frugal", one, f"{one.challenge.title}: {share * 100:.0f} % of the usual mult-adds"


def _share_of_median(one: Progress, progress: list[Progress]) -> float | None:
    others = sorted(
        each.macs
        for each in progress
        if each.challenge.pk == one.challenge.pk and each.passed_at is not None and each.macs
    )
    if one.passed_at is None or not one.macs or len(others) < 2:
        return None
    return one.macs / others[len(others) // 2]
