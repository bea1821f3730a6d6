from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from heldout.accounts.models import User
from heldout.events.models import Event
from heldout.teams.models import Team
from heldout.teams.queries import members, team_cards, team_of
from tests.heldout.factories import make_coach, make_event, make_organizer, make_participant, make_team
from tests.heldout.pages import inline_code, wears_our_look, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    return make_event("gear", team_size_limit=3)


@pytest.fixture
def ada(client: Client, event: Event) -> User:
    user = make_participant(event)
    client.force_login(user)
    return user


@pytest.fixture
def organizer(client: Client, event: Event) -> User:
    user = make_organizer(event)
    client.force_login(user)
    return user


def test_who_has_no_team_may_make_one(client: Client, event: Event, ada: User) -> None:
    assert "You need a team" in words(client.get("/events/gear/team/"))
    page = client.post("/events/gear/team/create/", {"name": "Ridge"}, follow=True)
    assert "Ridge is yours" in words(page)
    team = Team.objects.get()
    assert team.join_code in words(page)
    assert "2 places left" in words(page)
    assert members(team) == [ada]


def test_a_taken_name_is_told_beside_the_field(client: Client, event: Event, ada: User) -> None:
    make_team(event, "Ridge")
    response = client.post("/events/gear/team/create/", {"name": "ridge"})
    assert response.status_code == 422
    assert "There is a team ridge already." in words(response)
    assert 'value="ridge"' in response.content.decode()


def test_who_has_a_code_joins(client: Client, event: Event, ada: User) -> None:
    team = make_team(event, "Ridge")
    assert "No team has that code" in words(client.post("/events/gear/team/join/", {"code": "WRONG"}))
    page = client.post("/events/gear/team/join/", {"code": team.join_code.lower()}, follow=True)
    assert "You are in Ridge." in words(page)
    assert team_of(ada, event) == team


def test_leaving_is_asked_about_and_done(client: Client, event: Event, ada: User) -> None:
    make_team(event, "Ridge", members=[ada])
    page = client.get("/events/gear/team/").content.decode()
    assert 'data-confirm="leave-team"' in page
    assert "You have left Ridge." in words(client.post("/events/gear/team/leave/", follow=True))
    assert team_of(ada, event) is None
    assert client.post("/events/gear/team/leave/").headers["Location"] == "/events/gear/team/"


def test_renaming_and_a_new_code(client: Client, event: Event, ada: User) -> None:
    team = make_team(event, "Ridge", members=[ada])
    make_team(event, "Cairn")
    response = client.post("/events/gear/team/rename/", {"name": "cairn"})
    assert "There is a team cairn already." in words(response)
    assert "Ridge" in words(response)
    client.post("/events/gear/team/rename/", {"name": "Summit"})
    client.post("/events/gear/team/code/")
    renamed = Team.objects.get(pk=team.pk)
    assert renamed.name == "Summit"
    assert renamed.join_code != team.join_code


def test_locked_teams_offer_no_change_and_accept_none(client: Client, event: Event, ada: User) -> None:
    team = make_team(event, "Ridge", members=[ada])
    Event.objects.update(teams_lock_at=timezone.now() - timedelta(seconds=1))
    page = words(client.get("/events/gear/team/"))
    assert "Teams are locked" in page
    assert team.join_code not in page
    assert "Teams are locked." in words(client.post("/events/gear/team/leave/", follow=True))
    assert team_of(ada, event) == team


def test_who_is_in_a_team_already_is_told_when_joining_another(
    client: Client, event: Event, ada: User
) -> None:
    make_team(event, "Ridge", members=[ada])
    other = make_team(event, "Cairn")
    page = client.post("/events/gear/team/join/", {"code": other.join_code}, follow=True)
    assert "You are in Ridge already." in words(page)


def test_coaches_and_organizers_are_led_to_the_list(client: Client, event: Event, organizer: User) -> None:
    assert client.get("/events/gear/team/").headers["Location"] == "/events/gear/teams/"


def test_join_codes_of_others_are_not_in_the_list(client: Client, event: Event, ada: User) -> None:
    ours, theirs = make_team(event, "Ridge", members=[ada]), make_team(event, "Cairn")
    page = client.get("/events/gear/teams/").content.decode()
    assert "Cairn" in page
    assert theirs.join_code not in page
    assert ours.join_code not in page


def test_organizers_assign_coaches_in_the_list(client: Client, event: Event, organizer: User) -> None:
    team, coach = make_team(event, "Ridge"), make_coach(event)
    address = f"/events/gear/teams/{team.pk}/coach/"
    assert f"{coach} coaches Ridge." in words(client.post(address, {"coach": coach.pk}, follow=True))
    assert "not a coach" in words(client.post(address, {"coach": organizer.pk}, follow=True))
    assert Team.objects.get().coach == coach
    assert "Ridge has no coach now." in words(client.post(address, {"coach": ""}, follow=True))
    assert Team.objects.get().coach is None


def test_organizers_place_people_in_the_list(client: Client, event: Event, organizer: User) -> None:
    team, bob = make_team(event, "Ridge"), make_participant(event)
    assert f"Without a team {bob.name[0]} {bob}" in words(client.get("/events/gear/teams/"))
    page = client.post("/events/gear/teams/move/", {"user": bob.pk, "team": team.pk}, follow=True)
    assert f"{bob} is in Ridge now." in words(page)
    assert team_of(bob, event) == team


def test_organizers_do_not_reach_into_another_event(client: Client, event: Event, organizer: User) -> None:
    elsewhere = make_event()
    team, stranger = make_team(elsewhere), make_participant(elsewhere)
    assert client.post(f"/events/gear/teams/{team.pk}/coach/", {"coach": ""}).status_code == 404
    client.post("/events/gear/teams/move/", {"user": stranger.pk, "team": team.pk})
    assert team_of(stranger, elsewhere) is None


def test_the_list_costs_the_same_however_many_teams_there_are(
    event: Event, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    viewer = make_participant(event)
    for _ in range(5):
        make_team(event, members=2)
    with django_assert_num_queries(2):
        cards = team_cards(event, viewer)
    assert [len(card.members) for card in cards] == [2] * 5


@pytest.mark.parametrize("who", ["alone", "member", "organizer", "coach"])
def test_pages_wear_our_look(client: Client, event: Event, who: str) -> None:
    make_team(event, "Ridge", coach=make_coach(event))
    user = {"organizer": make_organizer, "coach": make_coach}.get(who, make_participant)(event)
    if who == "member":
        make_team(event, members=[user])
    client.force_login(user)
    for address in ("/events/gear/team/", "/events/gear/teams/"):
        response = client.get(address, follow=True)
        assert wears_our_look(response)
        assert inline_code(response) == []
