"""Points for one challenge: for passing it, with a small bonus for rank and for growth. Pure."""

from typing import NamedTuple


class Result(NamedTuple):
    """What a team has reached on a challenge that is worth `worth` points."""

    worth: int
    passed: bool
    rank: int | None
    teams: int
    growth: float
    """The share of the way from the team's first score to the pass line that it has gone, 0 to 1."""


def growth(first: float, best: float, pass_score: float) -> float:
    """How much of the way from the first score to the pass line a team has gone; 0 for one that began there.

    It depends on nobody else. It holds for losses as well, where the way leads down.
    """
    way = pass_score - first
    gone = (best - first) / way if way else 0.0
    began_there = gone < 0 or (best - first) * way <= 0
    return 0.0 if began_there else min(1.0, gone)


def rank_points(result: Result, bonus: int) -> int:
    """All of the bonus for the first, an equal step less for each rank after it, if it is passed."""
    if not result.passed or result.rank is None or not result.teams:
        return 0
    return round(bonus * (result.teams - result.rank + 1) / result.teams)


def growth_points(result: Result, bonus: int) -> int:
    """The share of the bonus that the team has grown, whether it has passed or not."""
    return round(bonus * result.growth)


def points(result: Result, rank_bonus: int, growth_bonus: int) -> int:
    """All points for the challenge."""
    passing = result.worth if result.passed else 0
    return passing + rank_points(result, rank_bonus) + growth_points(result, growth_bonus)


def explained(result: Result, rank_bonus: int, growth_bonus: int) -> list[str]:
    """Each part of the points, in words. Together they are `points`."""
    said = [f"{result.worth} for passing"] if result.passed else []
    if rank := rank_points(result, rank_bonus):
        said.append(f"{rank} for rank {result.rank} of {result.teams}")
    if grown := growth_points(result, growth_bonus):
        said.append(
            f"{grown} for {result.growth * 100:.0f} % of the way from the first score to the pass line"
        )
    return said


def rule_text(rank_bonus: int, growth_bonus: int) -> str:
    """What gives points in an event, in one sentence."""
    ranking = f", up to {rank_bonus} more for rank" if rank_bonus else ""
    growing = f", up to {growth_bonus} more for growth" if growth_bonus else ""
    return f"Points for passed challenges{ranking}{growing}."
