from functools import partial

import pytest

from heldout.teams import actions
from heldout.teams.models import Membership, Team
from heldout.teams.queries import members
from tests.heldout.factories import make_event, make_organizer, make_participant, make_team
from tests.heldout.threads import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_size_limit_holds_when_many_join_at_once() -> None:
    event = make_event(team_size_limit=3)
    team = make_team(event)
    people = [make_participant(event) for _ in range(8)]
    outcomes = at_once([partial(actions.join_team, event, person, team.join_code) for person in people])
    assert {refusal.subject for refusal in refusals(outcomes)} == {f"{team.name} is full."}
    assert len(refusals(outcomes)) == 6
    assert len(members(team)) == 3


def test_who_joins_two_teams_at_once_is_in_one() -> None:
    event = make_event()
    ada = make_participant(event)
    codes = [make_team(event).join_code for _ in range(4)]
    outcomes = at_once([partial(actions.join_team, event, ada, code) for code in codes])
    assert len(refusals(outcomes)) == 3
    assert Membership.objects.filter(user=ada).count() == 1


def test_a_name_that_many_want_at_once_goes_to_one_team() -> None:
    event = make_event()
    people = [make_participant(event) for _ in range(4)]
    names = ["Ridge", "RIDGE", " ridge ", "Ridge"]
    outcomes = at_once(
        [
            partial(actions.create_team, event, person, name)
            for person, name in zip(people, names, strict=True)
        ]
    )
    assert len(refusals(outcomes)) == 3
    assert Team.objects.count() == 1


def test_who_is_moved_while_joining_elsewhere_is_in_one_team() -> None:
    event = make_event()
    ada, organizer = make_participant(event), make_organizer(event)
    placed, wanted = make_team(event), make_team(event)
    at_once(
        [
            partial(actions.move_member, ada, placed, organizer),
            partial(actions.join_team, event, ada, wanted.join_code),
        ]
    )
    assert Membership.objects.get(user=ada).team == placed


def test_exactly_one_of_several_newcomers_takes_the_last_place_however_they_come() -> None:
    event = make_event(team_size_limit=2)
    team, organizer = make_team(event), make_organizer(event)
    people = [make_participant(event) for _ in range(4)]
    calls = [partial(actions.join_team, event, person, team.join_code) for person in people[:2]]
    moves = [partial(actions.move_member, person, team, organizer) for person in people[2:]]
    outcomes = at_once([*calls, *moves])
    assert len(refusals(outcomes)) == 3
    assert len(members(team)) == 2
