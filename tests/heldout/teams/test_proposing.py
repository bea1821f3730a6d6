"""Teams that are proposed, and made as they were looked at."""

import pytest

from heldout.accounts.models import User
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.teams.models import Team
from heldout.teams.proposing import make_proposed, propose
from tests.heldout.factories import make_event, make_organizer, make_participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    return make_event("trail", team_size_limit=3)


@pytest.fixture
def people(event: Event) -> list[User]:
    """Seven participants without a team."""
    return [make_participant(event) for _ in range(7)]


def test_the_teams_that_were_looked_at_are_made(event: Event, people: list[User]) -> None:
    proposal = propose(event, size=3, seed=4)
    made = make_proposed(event, 3, 4, proposal.mark, make_organizer(event))
    wanted = [{user for user, _ in group} for group in proposal.groups]
    assert [{one.user for one in team.memberships.all()} for team in made] == wanted
    assert propose(event, 3, 4).groups == []


def test_other_teams_than_those_looked_at_are_not_made(event: Event, people: list[User]) -> None:
    seen = propose(event, size=3, seed=4).mark
    organizer = make_organizer(event)
    with pytest.raises(Refusal, match="come or gone"):
        make_proposed(event, 3, 5, seen, organizer)
    make_participant(event)
    with pytest.raises(Refusal, match="come or gone"):
        make_proposed(event, 3, 4, seen, organizer)
    assert not Team.objects.exists()


def test_nobody_but_an_organizer_makes_them(event: Event, people: list[User]) -> None:
    with pytest.raises(Refusal):
        make_proposed(event, 3, 4, propose(event, 3, 4).mark, people[0])
