"""While a board is frozen, nobody but the own team and the organizers learns anything new, by any way."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from heldout.audit.models import AuditEntry
from heldout.catalog.models import Challenge
from heldout.events.rules import Refusal
from heldout.leaderboards import actions, deciding
from heldout.leaderboards.models import BoardRules
from heldout.leaderboards.points import points_board
from heldout.leaderboards.queries import board
from heldout.teams.models import Team
from tests.heldout.factories import make_coach, make_organizer, make_participant, make_team
from tests.heldout.handing_in import evaluation_for, inspected, make_challenge, member_of, put_to_work, scored
from tests.heldout.leaderboards.test_standings import heard
from tests.heldout.pages import words

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge(quota_per_day=100)


@pytest.fixture
def teams(challenge: Challenge) -> tuple[Team, Team]:
    return make_team(challenge.event, "Cairn"), make_team(challenge.event, "Tarp")


@pytest.fixture
def frozen(challenge: Challenge, teams: tuple[Team, Team]) -> Challenge:
    """Cairn led with 0.6 when it froze; then Tarp, without a score, hands in 0.97, and Cairn 0.91."""
    scored(challenge, teams[0], 0.6)
    deciding.freeze(challenge.event, make_organizer(challenge.event))
    scored(challenge, teams[1], 0.97)
    scored(challenge, teams[0], 0.91)
    return challenge


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def outlets(challenge: Challenge) -> dict[str, str]:
    """Every address that tells something of a challenge's board."""
    own = [challenge.event.slug, challenge.slug]
    return {
        "board": reverse("board", args=own),
        "behind": reverse("board", args=own) + "?behind",
        "rows": reverse("board_rows", args=own),
        "challenge": reverse("challenge", args=own),
        "api": f"/api/v1/events/{own[0]}/challenges/{own[1]}/board",
        "event board": reverse("points", args=own[:1]),
        "home": reverse("event_home", args=own[:1]),
    }


def test_others_see_the_board_as_it_stood(frozen: Challenge) -> None:
    for who in (make_participant(frozen.event), make_coach(frozen.event)):
        client = signed_in(who)
        for name, address in outlets(frozen).items():
            page = client.get(address).content.decode()
            assert "0.97" not in page and "0.91" not in page, (name, who)
    assert [(row.name, row.score_text) for row in board(frozen, who).rows] == [("Cairn", "0.60")]


def test_a_banner_says_since_when(frozen: Challenge) -> None:
    page = words(signed_in(make_participant(frozen.event)).get(outlets(frozen)["board"]))
    assert "Frozen since" in page


def test_the_own_team_sees_its_own_new_score_and_no_other(
    frozen: Challenge, teams: tuple[Team, Team]
) -> None:
    for name in ("board", "rows"):
        page = signed_in(member_of(teams[0])).get(outlets(frozen)[name]).content.decode()
        assert "Your best now: 0.91" in page
        assert "0.97" not in page


def test_organizers_can_look_at_both(frozen: Challenge) -> None:
    client = signed_in(make_organizer(frozen.event))
    assert "0.97" not in client.get(outlets(frozen)["board"]).content.decode()
    assert "0.97" in client.get(outlets(frozen)["behind"]).content.decode()


def test_the_live_channel_tells_of_new_scores_to_the_own_team_alone(
    frozen: Challenge, teams: tuple[Team, Team]
) -> None:
    late = inspected(frozen, teams[1])
    put_to_work(late)
    messages = heard(lambda: actions.record_evaluation(evaluation_for(late, 0.98)))
    assert {message["team"] for message in messages if message["topic"] in ("board", "submission")} == {
        teams[1].pk
    }


def test_what_was_handed_in_before_still_counts_when_it_is_scored_later(challenge: Challenge) -> None:
    team = make_team(challenge.event)
    early = inspected(challenge, team)
    deciding.freeze(challenge.event, make_organizer(challenge.event))
    put_to_work(early)
    actions.record_evaluation(evaluation_for(early, 0.7))
    assert [row.score_text for row in board(challenge, member_of(team)).rows] == ["0.70"]


def test_the_event_board_stands_still_too(frozen: Challenge, teams: tuple[Team, Team]) -> None:
    rows = points_board(frozen.event, member_of(teams[0]), timezone.now()).rows
    assert [row.total for row in rows] == [None, None]


def test_a_freeze_can_be_undone(frozen: Challenge) -> None:
    organizer = make_organizer(frozen.event)
    deciding.unfreeze(frozen.event, organizer)
    assert [row.score_text for row in board(frozen, organizer).rows] == ["0.97", "0.91"]
    assert AuditEntry.objects.filter(action="board.unfrozen").exists()
    with pytest.raises(Refusal, match="not frozen"):
        deciding.unfreeze(frozen.event, organizer)


def test_a_freeze_set_in_advance_begins_by_itself(challenge: Challenge, teams: tuple[Team, Team]) -> None:
    organizer = make_organizer(challenge.event)
    deciding.freeze(challenge.event, organizer, timezone.now() + timedelta(hours=1))
    scored(challenge, teams[0], 0.6)
    viewer = signed_in(make_participant(challenge.event))
    assert "Frozen since" not in words(viewer.get(outlets(challenge)["rows"]))
    BoardRules.objects.get().delete()
    BoardRules.objects.create(event=challenge.event, freezes_at=timezone.now())
    assert "Frozen since" in words(viewer.get(outlets(challenge)["rows"]))


def test_a_time_that_is_over_and_a_second_freeze_are_refused(challenge: Challenge) -> None:
    organizer = make_organizer(challenge.event)
    with pytest.raises(Refusal, match="over"):
        deciding.freeze(challenge.event, organizer, timezone.now() - timedelta(hours=1))
    deciding.freeze(challenge.event, organizer)
    with pytest.raises(Refusal, match="frozen"):
        deciding.freeze(challenge.event, organizer)


def test_the_page_of_rules_freezes_and_thaws(challenge: Challenge) -> None:
    client = signed_in(make_organizer(challenge.event))
    slug = challenge.event.slug
    client.post(reverse("freeze", args=[slug]))
    assert "Frozen since" in words(client.get(reverse("board_rules", args=[slug])))
    client.post(reverse("unfreeze", args=[slug]))
    client.post(reverse("freeze", args=[slug]), {"at": "2096-01-01T10:00"})
    assert "They will freeze at" in words(client.get(reverse("board_rules", args=[slug])))
    refused = client.post(reverse("freeze", args=[slug]), {"at": "soon"}, follow=True)
    assert "That is no time: 'soon'" in words(refused)
