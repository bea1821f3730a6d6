"""Names that are taken for another team's, and names that nobody wants to read aloud."""

import pytest
from django.test import Client

from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.teams import actions
from heldout.teams.models import Team, UnwelcomeWords
from heldout.teams.names import refuse_lookalike, refuse_unwelcome
from tests.heldout.factories import make_event, make_organizer, make_participant, make_team
from tests.heldout.handing_in import hand_in, make_challenge


@pytest.mark.parametrize("other", ["RIDGE", "R i d g e", "R\u00eddge", "R1dge", "Ridg\u0435", "Ridge!"])
def test_what_looks_the_same_collides(other: str) -> None:
    with pytest.raises(Refusal, match="looks like"):
        refuse_lookalike("Ridge", [other])


def test_what_looks_different_does_not() -> None:
    refuse_lookalike("Ridge", ["Bridge", "Cairn", "R\u0456\u0434\u0436"])
    refuse_lookalike("\u2600", ["\u2602"])
    refuse_lookalike("Team 2", ["Team 1", "Team 22"])


@pytest.mark.parametrize("name", ["shit", "Sh1t happens", "s h i t", "\u0405HIT", "Team fuck-off"])
def test_unwelcome_words_are_found_in_disguise(name: str) -> None:
    with pytest.raises(Refusal, match="not welcome"):
        refuse_unwelcome(name)


def test_a_word_within_a_word_is_welcome() -> None:
    for name in ("Scunthorpe United", "Ridge", "Dickens"):
        refuse_unwelcome(name)


@pytest.mark.django_db
def test_the_event_has_a_list_of_its_own(client: Client) -> None:
    event: Event = make_event("trail")
    organizer = make_organizer(event)
    client.force_login(organizer)
    client.post("/events/trail/teams/words/", {"words": "Rival Corp\nacme\n\n"})
    assert UnwelcomeWords.objects.get().words == "Rival Corp\nacme\n\n"
    for name in ("ACME fans", "rival corp", "RivalCorp"):
        with pytest.raises(Refusal, match="not welcome"):
            actions.create_team(event, make_participant(event), name)
    actions.create_team(event, make_participant(event), "Corp")


@pytest.mark.django_db
def test_an_organizer_empties_a_team_and_its_history_stays(client: Client) -> None:
    event = make_event("trail")
    team = make_team(event, members=2)
    submission = hand_in(make_challenge(event), team)
    client.force_login(make_organizer(event))
    code = team.join_code
    client.post(f"/events/trail/teams/{team.pk}/empty/")
    emptied = Team.objects.get(pk=team.pk)
    assert (emptied.memberships.count(), emptied.captain) == (0, None)
    assert emptied.join_code != code
    assert emptied.submissions.get() == submission
