from datetime import timedelta

import pytest
from django.utils import timezone

from heldout.audit.models import AuditEntry
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.teams import actions
from heldout.teams.models import Membership, Team
from heldout.teams.queries import members, people_without_team, team_of, teams_of
from tests.heldout.factories import (
    make_coach,
    make_event,
    make_organizer,
    make_participant,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db


def make_locked_event() -> Event:
    return make_event(teams_lock_at=timezone.now() - timedelta(minutes=1))


def test_who_makes_a_team_is_in_it_alone() -> None:
    event = make_event()
    ada = make_participant(event)
    team = actions.create_team(event, ada, "  Ridge  Runners ")
    assert team.name == "Ridge Runners"
    assert members(team) == [ada]
    assert AuditEntry.objects.get().action == "team.create"


@pytest.mark.parametrize("second", ["RIDGE runners", "Ridge\u200bRunners ", "ridge Runners"])
def test_two_names_that_look_alike_collide(second: str) -> None:
    event = make_event()
    make_team(event, "RidgeRunners")
    make_team(event, "Ridge Runners")
    with pytest.raises(Refusal, match="already"):
        actions.create_team(event, make_participant(event), second)


@pytest.mark.parametrize(
    ("first", "second"), [("Überfit", "überfit"), ("Straße", "STRASSE"), ("Σίγμα", "ΣΊΓΜΑ")]
)
def test_letters_outside_english_collide_too(first: str, second: str) -> None:
    event = make_event()
    make_team(event, first)
    with pytest.raises(Refusal, match="already"):
        actions.create_team(event, make_participant(event), second)


def test_names_are_free_in_another_event() -> None:
    make_team(make_event(), "Ridge")
    elsewhere = make_event()
    assert actions.create_team(elsewhere, make_participant(elsewhere), "Ridge").event == elsewhere


def test_only_participants_form_teams() -> None:
    event = make_event()
    team = make_team(event)
    for person in (make_coach(event), make_organizer(event), make_user(), make_participant(make_event())):
        with pytest.raises(Refusal, match="Only participants"):
            actions.create_team(event, person, "Mine")
        with pytest.raises(Refusal, match="Only participants"):
            actions.join_team(event, person, team.join_code)
    assert len(members(team)) == 1


def test_a_code_lets_in_however_it_is_typed() -> None:
    event = make_event()
    team = make_team(event, join_code="ABCD2345")
    ada = make_participant(event)
    assert actions.join_team(event, ada, " abcd-2345 ") == team
    assert team_of(ada, event) == team


def test_a_code_of_another_event_lets_nobody_in() -> None:
    event, elsewhere = make_event(), make_event()
    team = make_team(elsewhere)
    with pytest.raises(Refusal, match="No team has that code"):
        actions.join_team(event, make_participant(event), team.join_code)


def test_one_person_has_one_team_an_event() -> None:
    event, elsewhere = make_event(), make_event()
    ada = make_participant(event)
    make_participant(elsewhere, ada)
    first = make_team(event, members=[ada])
    with pytest.raises(Refusal, match="Leave it first"):
        actions.join_team(event, ada, make_team(event).join_code)
    with pytest.raises(Refusal, match="Leave it first"):
        actions.create_team(event, ada, "Another")
    actions.create_team(elsewhere, ada, "Another")
    assert team_of(ada, event) == first


def test_a_full_team_lets_nobody_in_not_even_by_the_organizer() -> None:
    event = make_event(team_size_limit=2)
    team = make_team(event, members=2)
    ada = make_participant(event)
    with pytest.raises(Refusal, match="full"):
        actions.join_team(event, ada, team.join_code)
    with pytest.raises(Refusal, match="full"):
        actions.move_member(ada, team, make_organizer(event))


def test_once_teams_are_locked_only_organizers_change_them() -> None:
    event = make_locked_event()
    team, other, ada = make_team(event), make_team(event), make_participant(event)
    (member,) = members(team)
    for change in (
        lambda: actions.create_team(event, ada, "Late"),
        lambda: actions.join_team(event, ada, team.join_code),
        lambda: actions.leave_team(team, member),
        lambda: actions.rename_team(team, "Late", member),
        lambda: actions.new_join_code(team, member),
    ):
        with pytest.raises(Refusal, match="Teams are locked"):
            change()
    organizer = make_organizer(event)
    actions.move_member(member, other, organizer)
    actions.rename_team(team, "Late", organizer)
    assert team_of(member, event) == other


def test_the_lock_is_read_afresh_and_not_from_an_event_loaded_before() -> None:
    event = make_event()
    ada = make_participant(event)
    Event.objects.update(teams_lock_at=timezone.now())
    with pytest.raises(Refusal, match="locked"):
        actions.create_team(event, ada, "Late")


def test_a_team_that_everybody_has_left_stays() -> None:
    event = make_event()
    team = make_team(event)
    (ada,) = members(team)
    actions.leave_team(team, ada)
    assert Team.objects.get() == team
    assert people_without_team(event) == [ada]
    with pytest.raises(Refusal, match="not in"):
        actions.leave_team(team, ada)


def test_members_rename_their_team_and_strangers_do_not() -> None:
    event = make_event()
    team = make_team(event, "Ridge")
    (ada,) = members(team)
    actions.rename_team(team, "ridge", ada)
    assert Team.objects.get().name == "ridge"
    with pytest.raises(Refusal, match="not in"):
        actions.rename_team(team, "Ours", make_participant(event))
    entry = AuditEntry.objects.get(action="team.rename")
    assert (entry.before, entry.after) == ({"name": "Ridge"}, {"name": "ridge"})


def test_a_new_code_ends_the_old_one() -> None:
    event = make_event()
    team = make_team(event)
    old, new = team.join_code, actions.new_join_code(team, members(team)[0])
    ada = make_participant(event)
    with pytest.raises(Refusal, match="No team has that code"):
        actions.join_team(event, ada, old)
    assert actions.join_team(event, ada, new) == team


def test_organizers_give_teams_coaches() -> None:
    event = make_event()
    team, coach, organizer = make_team(event), make_coach(event), make_organizer(event)
    actions.assign_coach(team, coach, organizer)
    assert teams_of(event).get().coach == coach
    actions.assign_coach(team, None, organizer)
    assert teams_of(event).get().coach is None
    for nobody in (make_participant(event), make_coach(make_event())):
        with pytest.raises(Refusal, match="not a coach"):
            actions.assign_coach(team, nobody, organizer)
    with pytest.raises(Refusal, match="Only organizers"):
        actions.assign_coach(team, coach, coach)


def test_moving_somebody_is_on_record() -> None:
    event = make_event()
    first, second, organizer = make_team(event, "First"), make_team(event, "Second"), make_organizer(event)
    (ada,) = members(first)
    actions.move_member(ada, second, organizer)
    assert members(first) == []
    assert Membership.objects.get(user=ada).team == second
    entry = AuditEntry.objects.get(action="team.move")
    assert (entry.actor, entry.before, entry.after) == (organizer, {"team": "First"}, {"member": ada.email})
    with pytest.raises(Refusal, match="already"):
        actions.move_member(ada, second, organizer)
    with pytest.raises(Refusal, match="Only organizers"):
        actions.move_member(ada, first, ada)


def test_nobody_is_moved_into_a_team_of_an_event_that_they_are_not_in() -> None:
    event = make_event()
    with pytest.raises(Refusal, match="Only participants"):
        actions.move_member(make_user(), make_team(event), make_organizer(event))
