"""Teams that are proposed to an organizer, who then makes the very ones that were looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

from heldout.accounts.models import User
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.teams import actions
from heldout.teams.balancing import Candidate, balanced
from heldout.teams.models import Team
from heldout.teams.queries import candidates


@dataclass(frozen=True)
class Proposal:
    """Who would be with whom, each with what they have said of skill and company."""

    groups: Sequence[Sequence[tuple[User, Candidate]]]

    @property
    def mark(self) -> str:
        """Says which teams were looked at: other people or another division have another mark."""
        return ";".join(",".join(str(user.pk) for user, _ in group) for group in self.groups)


def propose(event: Event, size: int, seed: int) -> Proposal:
    """Balanced teams of at most `size` of the participants without a team; the same seed, the same teams."""
    people = candidates(event)
    users = User.objects.in_bulk([one.user for one in people])
    return Proposal([[(users[one.user], one) for one in group] for group in balanced(people, size, seed)])


def make_proposed(event: Event, size: int, seed: int, seen: str, actor: User) -> list[Team]:
    """Make the teams that were looked at, by their mark. Organizers only.

    Raises Refusal, also when they would be others by now.
    """
    proposal = propose(event, size, seed)
    if proposal.mark != seen:
        raise Refusal("People have come or gone meanwhile.", "Look at the new proposal first.")
    return actions.make_teams(event, [[user for user, _ in group] for group in proposal.groups], actor)
