"""The final board as the stage tells it, from the last team to the first.

What has not been told is in no answer: the page is made of `told` alone.
"""

from dataclasses import dataclass, replace

from heldout.catalog.models import Challenge
from heldout.leaderboards.freezing import Sight, rules_of
from heldout.leaderboards.models import Reveal
from heldout.leaderboards.queries import BoardRow, contents, final_text


@dataclass(frozen=True)
class Told:
    """A team on the final board, with its rank on the public one. `moved`: upwards, if positive."""

    row: BoardRow
    public_rank: int | None
    moved: int
    is_newest: bool

    @property
    def down(self) -> int:
        """By how many ranks it fell."""
        return -self.moved


@dataclass(frozen=True)
class Stage:
    """How far the final board has been told."""

    challenge: Challenge
    step: int
    teams: int
    told: list[Told]
    """From the best that was told to the last."""
    rule: str
    is_published: bool

    @property
    def left(self) -> int:
        """How many are still to be told."""
        return self.teams - self.step


def stage(challenge: Challenge) -> Stage:
    """The stage's page at its present step. For organizers alone."""
    reveal = Reveal.objects.filter(challenge=challenge).first() or Reveal(challenge=challenge)
    final, public = final_rows(challenge), public_ranks(challenge)
    step = min(reveal.step, len(final))
    told = [_told(row, public) for row in final[len(final) - step :]]
    if told:
        told[0] = replace(told[0], is_newest=True)
    return Stage(
        challenge,
        step,
        len(final),
        told,
        final_text(rules_of(challenge.event)),
        reveal.published_at is not None,
    )


def final_rows(challenge: Challenge) -> list[BoardRow]:
    """The teams by the private split, the best first. For organizers alone until it is published."""
    seen = Sight(rules_of(challenge.event), "final", None)
    return [row for row in contents(challenge, seen).rows if not row.is_baseline]


def public_ranks(challenge: Challenge) -> dict[int, int]:
    """Each team's rank on the public split, with all that counts."""
    rows = contents(challenge, Sight(rules_of(challenge.event), "live", None)).rows
    return {row.team_id: row.rank for row in rows if row.team_id is not None and row.rank is not None}


def _told(row: BoardRow, public: dict[int, int]) -> Told:
    before = public.get(row.team_id or 0)
    moved = before - row.rank if before is not None and row.rank is not None else 0
    return Told(row, before, moved, is_newest=False)
