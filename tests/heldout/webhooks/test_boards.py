"""Changes of rank are told as others see the boards, each once."""

import pytest

from heldout.catalog.models import Challenge
from heldout.leaderboards import actions as leaderboards
from heldout.leaderboards import ending
from heldout.teams.models import Team
from heldout.webhooks import boards
from heldout.webhooks.models import ToldBoard, Topic
from tests.heldout.factories import make_organizer, make_team
from tests.heldout.handing_in import scored
from tests.heldout.webhooks.hooks import of_event, of_team, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rival(challenge: Challenge) -> Team:
    return make_team(challenge.event, "Tarp")


def moves(message: dict[str, object]) -> list[tuple[str, object, object]]:
    data = message["data"]
    assert isinstance(data, dict)
    return [(change["team"]["name"], change["before"], change["rank"]) for change in data["changes"]]


def test_the_organizers_hear_of_all_who_moved_and_a_team_of_itself(
    challenge: Challenge, team: Team, rival: Team
) -> None:
    scored(challenge, team, 0.6)
    crew, ours = of_event(challenge.event, "https://a.example.org/", Topic.RANK), of_team(team)
    assert boards.look() == 0
    scored(challenge, rival, 0.9)
    assert boards.look() == 1
    assert moves(told(crew)[0]) == [("Tarp", None, 1), ("Cairn", 1, 2)]
    assert moves(told(ours)[-1]) == [("Cairn", 1, 2)]


def test_what_was_told_is_not_told_again(challenge: Challenge, team: Team) -> None:
    crew = of_event(challenge.event, "https://a.example.org/", Topic.RANK)
    boards.look()
    scored(challenge, team, 0.6)
    assert [boards.look(), boards.look(), boards.look()] == [1, 0, 0]
    scored(challenge, team, 0.7)
    assert boards.look() == 0
    assert len(told(crew)) == 1


def test_while_boards_stand_still_no_change_is_told_and_after_publishing_it_is(
    challenge: Challenge, team: Team, rival: Team
) -> None:
    organizer = make_organizer(challenge.event)
    crew, ours = (
        of_event(challenge.event, "https://a.example.org/", Topic.RANK),
        of_team(rival, "https://b.example.org/", Topic.RANK),
    )
    scored(challenge, team, 0.6)
    boards.look()
    ending.freeze(challenge.event, organizer)
    scored(challenge, rival, 0.9)
    assert boards.look() == 0
    assert told(crew) == told(ours) == []
    ending.unfreeze(challenge.event, organizer)
    assert boards.look() == 1
    assert moves(told(crew)[0]) == [("Tarp", None, 1), ("Cairn", 1, 2)]
    assert moves(told(ours)[0]) == [("Tarp", None, 1)]


def test_who_is_taken_off_the_board_has_no_rank(challenge: Challenge, team: Team, rival: Team) -> None:
    crew = of_event(challenge.event, "https://a.example.org/", Topic.RANK)
    scored(challenge, team, 0.9)
    scored(challenge, rival, 0.6)
    boards.look()
    leaderboards.disqualify(challenge.event, make_organizer(challenge.event), "cheated", team=team)
    boards.look()
    (message,) = told(crew)
    changes = {
        change["team"]["id"]: (change["before"], change["rank"]) for change in message["data"]["changes"]
    }
    assert changes == {rival.pk: (2, 1), team.pk: (1, None)}


def test_boards_of_which_nobody_hears_are_forgotten(challenge: Challenge, team: Team) -> None:
    crew = of_event(challenge.event, "https://a.example.org/", Topic.RANK)
    boards.look()
    assert ToldBoard.objects.count() == 1
    crew.delete()
    boards.look()
    assert not ToldBoard.objects.exists()
