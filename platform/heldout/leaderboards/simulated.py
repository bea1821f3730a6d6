"""Three teams as there are some at every event, to see what a formula gives them."""

from dataclasses import dataclass

from heldout.leaderboards.formula import Result, explained, points


@dataclass(frozen=True)
class Simulated:
    """A team, its story, and the points that the formula gives it."""

    name: str
    story: str
    points: int
    why: str


STORIES = (
    ("Fast", "passes first of 10, with its first submission", Result(100, True, 1, 10, 1.0)),
    ("Steady", "begins far below the line and passes fifth", Result(100, True, 5, 10, 1.0)),
    ("Late", "passes last of 10", Result(100, True, 10, 10, 1.0)),
    ("Learner", "comes half of the way, and does not pass", Result(100, False, 10, 10, 0.5)),
)
NO_GROWTH = {"Fast"}


def preview(rank_bonus: int, growth_bonus: int) -> list[Simulated]:
    """What teams with these stories would get for one challenge of 100 points."""
    rows = []
    for name, story, result in STORIES:
        found = result._replace(growth=0.0) if name in NO_GROWTH else result
        parts = explained(found, rank_bonus, growth_bonus)
        rows.append(Simulated(name, story, points(found, rank_bonus, growth_bonus), "; ".join(parts)))
    return rows
