"""People and teams find each other; captains arrange their team; organizers make teams beforehand."""

from functools import partial
from typing import Any

import pytest
from django.test import Client

from heldout.accounts.models import User
from heldout.audit.models import AuditEntry
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.teams import actions, meeting, queries
from heldout.teams.models import Approach, Team
from tests.heldout.factories import make_coach, make_event, make_organizer, make_participant, make_team
from tests.heldout.handing_in import hand_in, make_challenge, member_of
from tests.heldout.threads import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def event() -> Event:
    return make_event("trail", team_size_limit=3)


@pytest.fixture
def team(event: Event) -> Team:
    return make_team(event, "Cairn")


def people(team: Team) -> set[User]:
    return set(queries.members(team))


def test_a_team_takes_in_whom_it_wants(event: Event, team: Team) -> None:
    zoe = make_participant(event)
    asked = meeting.ask_to_join(team, zoe, "I like data")
    with pytest.raises(Refusal, match="waiting for an answer"):
        meeting.ask_to_join(team, zoe, "Please")
    with pytest.raises(Refusal, match="not yours to answer"):
        meeting.accept(asked, zoe)
    meeting.accept(asked, member_of(team))
    assert zoe in people(team)
    with pytest.raises(Refusal, match="already"):
        meeting.accept(asked, member_of(team))


def test_a_team_asks_only_people_who_want_to_be_found(event: Event, team: Team) -> None:
    zoe = make_participant(event)
    with pytest.raises(Refusal, match="does not look for a team"):
        meeting.invite_into(team, zoe, member_of(team), "")
    meeting.keep_profile(event, zoe, looks_for_team=True, about="CNNs")
    invited = meeting.invite_into(team, zoe, member_of(team), "Come")
    with pytest.raises(Refusal, match="not yours to answer"):
        meeting.accept(invited, member_of(team))
    meeting.accept(invited, zoe)
    assert zoe in people(team)
    assert not queries.people_who_look(event).exists()


def test_entering_one_team_ends_what_was_open_with_others(event: Event, team: Team) -> None:
    zoe, other = make_participant(event), make_team(event)
    meeting.ask_to_join(other, zoe, "")
    asked = meeting.ask_to_join(team, zoe, "")
    meeting.accept(asked, member_of(team))
    assert not Approach.objects.filter(closed_at=None).exists()


def test_the_last_place_goes_to_one_of_those_who_are_accepted_at_once(event: Event) -> None:
    team = make_team(event, members=2)
    asked = [meeting.ask_to_join(team, make_participant(event), "") for _ in range(3)]
    outcomes = at_once([partial(meeting.accept, one, member_of(team)) for one in asked])
    assert len(refusals(outcomes)) == 2
    assert len(people(team)) == 3


def test_either_side_takes_it_back_and_nobody_else(event: Event, team: Team) -> None:
    zoe = make_participant(event)
    asked = meeting.ask_to_join(team, zoe, "")
    with pytest.raises(Refusal, match="not yours"):
        meeting.decline(asked, make_participant(event))
    meeting.decline(asked, zoe)
    again = meeting.ask_to_join(team, zoe, "")
    meeting.decline(again, member_of(team))
    assert people(team) == {member_of(team)}


def test_nobody_asks_more_than_five_teams_at_once(event: Event) -> None:
    zoe = make_participant(event)
    for _ in range(5):
        meeting.ask_to_join(make_team(event), zoe, "")
    with pytest.raises(Refusal, match="asked 5 teams"):
        meeting.ask_to_join(make_team(event), zoe, "")


def test_the_finder_shows_what_was_said_and_of_others_nothing(
    client: Client, event: Event, team: Team
) -> None:
    shy, open_one = make_participant(event), make_participant(event)
    meeting.keep_profile(event, shy, about="secret words", company="Secret Inc")
    meeting.keep_profile(event, open_one, about="I draw <boxes>", looks_for_team=True)
    meeting.seek(team, "Somebody who likes data", member_of(team))
    client.force_login(shy)
    page = client.get("/events/trail/teams/find/").content.decode()
    assert "Somebody who likes data" in page and "I draw &lt;boxes&gt;" in page
    client.force_login(open_one)
    page = client.get("/events/trail/teams/find/").content.decode()
    assert "secret words" not in page and "Secret Inc" not in page
    meeting.seek(team, "", member_of(team))
    assert not queries.seeking_teams(event).exists()


def test_a_team_is_changed_in_all_that_was_asked_or_in_nothing(event: Event, team: Team) -> None:
    organizer = make_organizer(event)
    with pytest.raises(Refusal, match="You are not in"):
        meeting.change(team, organizer, name="Tarp", seeks="Somebody who likes data")
    assert Team.objects.get(pk=team.pk).name == "Cairn"
    meeting.change(team, member_of(team), name="Tarp", seeks="Somebody who likes data")
    changed = Team.objects.get(pk=team.pk)
    assert (changed.name, changed.seeks) == ("Tarp", "Somebody who likes data")


def test_a_captain_hands_over_takes_out_and_is_followed(event: Event) -> None:
    ada, ben, eve = (make_participant(event) for _ in range(3))
    team = actions.create_team(event, ada, "Cairn")
    for user in (ben, eve):
        actions.join_team(event, user, team.join_code)
    with pytest.raises(Refusal, match="Only the captain"):
        actions.remove_member(team, eve, ben)
    with pytest.raises(Refusal, match="You are the captain"):
        actions.remove_member(team, ada, ada)
    actions.remove_member(team, eve, ada)
    actions.hand_over(team, ben, ada)
    with pytest.raises(Refusal, match="Only the captain"):
        actions.hand_over(team, ada, ada)
    actions.leave_team(team, ben)
    team.refresh_from_db()
    assert (team.captain, people(team)) == (ada, {ada})
    done = AuditEntry.objects.filter(target_type="teams.team").values_list("action", flat=True)
    assert {"team.remove", "team.hand_over"} <= set(done)


def test_a_team_is_disbanded_only_before_it_has_handed_something_in(event: Event) -> None:
    ada = make_participant(event)
    team = actions.create_team(event, ada, "Cairn")
    actions.disband(team, ada)
    assert not Team.objects.filter(event=event).exists()
    again = actions.create_team(event, ada, "Cairn")
    hand_in(make_challenge(event), again)
    with pytest.raises(Refusal, match="has handed something in"):
        actions.disband(again, ada)
    assert people(again) == {ada}


@pytest.mark.parametrize("name", ["\u0421AIRN", "cairn!", "Caírn", "C a i r n", "Ca1rn"])
def test_names_that_are_mistaken_for_each_other_collide(event: Event, team: Team, name: str) -> None:
    with pytest.raises(Refusal, match=r"looks like Cairn|a team .* already"):
        actions.create_team(event, make_participant(event), name)


def test_an_organizer_renames_any_team(client: Client, event: Event, team: Team) -> None:
    client.force_login(make_organizer(event))
    client.post(f"/events/trail/teams/{team.pk}/rename/", {"name": "Kind Name"})
    team.refresh_from_db()
    assert team.name == "Kind Name"


def test_teams_are_proposed_first_and_made_on_a_second_press(client: Client, event: Event) -> None:
    organizer = make_organizer(event)
    found = [make_participant(event) for _ in range(7)]
    make_coach(event)
    client.force_login(organizer)
    address = "/events/trail/teams/assign/?size=3&seed=4"

    def mark() -> str:
        page = client.get(address).content.decode()
        return page.partition('name="seen" value="')[2].partition('"')[0]

    seen = mark()
    assert sorted(int(number) for number in seen.replace(";", ",").split(",")) == sorted(u.pk for u in found)
    assert not Team.objects.exists()
    late = make_participant(event)
    answer = client.post(address, {"seen": seen}, follow=True)
    assert "People have come or gone meanwhile" in answer.content.decode()
    assert not Team.objects.exists()
    client.post(address, {"seen": mark()})
    assert sorted(len(people(team)) for team in Team.objects.all()) == [2, 3, 3]
    assert late in {user for team in Team.objects.all() for user in people(team)}
    assert "Everybody has a team" in client.get(address).content.decode()


def test_a_size_beyond_the_limit_is_named(client: Client, event: Event) -> None:
    client.force_login(make_organizer(event))
    answer: Any = client.get("/events/trail/teams/assign/?size=9&seed=1")
    assert answer.status_code == 422
    assert "less than or equal to 3" in answer.content.decode()
