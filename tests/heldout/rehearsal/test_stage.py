"""The people of a rehearsal are invited and form teams as real ones do."""

from collections import Counter

import pytest

from heldout.events.models import RoleName
from heldout.rehearsal.stage import gather, invited, portions
from tests.heldout.factories import make_event, make_organizer

pytestmark = pytest.mark.django_db


def test_more_people_than_one_form_takes_are_invited_and_come() -> None:
    event = make_event()
    users = invited(event, make_organizer(event), 203)
    assert len({user.email for user in users}) == 203
    assert event.roles.filter(name=RoleName.PARTICIPANT).count() == 203


def test_teams_are_of_about_the_same_size() -> None:
    event = make_event(team_size_limit=4)
    users = invited(event, make_organizer(event), 11)
    gather(event, users, 3)
    sizes = Counter(event.teams.values_list("name", "memberships__user"))
    assert sorted(Counter(name for name, _ in sizes).values()) == [3, 4, 4]
    assert set(event.teams.values_list("name", flat=True)) == {"Team 000", "Team 001", "Team 002"}


def test_portions_hold_everybody_once() -> None:
    assert list(portions("abcde", 2)) == [["a", "b"], ["c", "d"], ["e"]]
