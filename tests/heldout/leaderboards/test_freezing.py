"""While a board is frozen, nobody but the own team and the organizers learns anything new, by any way."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from heldout.catalog.models import Challenge
from heldout.leaderboards import actions, ending
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
    ending.freeze(challenge.event, make_organizer(challenge.event))
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
        "as others": reverse("board", args=own) + "?as_others",
        "rows": reverse("board_rows", args=own),
        "challenge": reverse("challenge", args=own),
        "api": f"/api/v1/events/{own[0]}/challenges/{own[1]}/board",
        "event board": reverse("points", args=own[:1]),
        "pictures": reverse("pictures", args=own),
        "numbers": reverse("picture", args=[*own, "time", "csv"]),
        "home": reverse("event_home", args=own[:1]),
    }


def test_others_see_nothing_new_at_any_address(frozen: Challenge) -> None:
    for who in (make_participant(frozen.event), make_coach(frozen.event)):
        client = signed_in(who)
        for name, address in outlets(frozen).items():
            page = client.get(address).content.decode()
            assert "0.97" not in page and "0.91" not in page, (name, who)


def test_a_banner_says_since_when(frozen: Challenge) -> None:
    for name in ("board", "rows", "event board"):
        assert "Frozen since" in words(signed_in(make_participant(frozen.event)).get(outlets(frozen)[name]))


def test_the_own_team_sees_its_own_new_score_and_no_other(
    frozen: Challenge, teams: tuple[Team, Team]
) -> None:
    for name in ("board", "rows"):
        page = signed_in(member_of(teams[0])).get(outlets(frozen)[name]).content.decode()
        assert "Your best now: 0.91" in page
        assert "0.97" not in page


def test_organizers_can_look_at_both(frozen: Challenge) -> None:
    client = signed_in(make_organizer(frozen.event))
    assert "0.97" in client.get(outlets(frozen)["board"]).content.decode()
    assert "0.97" not in client.get(outlets(frozen)["as others"]).content.decode()


def test_the_live_channel_tells_of_new_scores_to_the_own_team_alone(
    frozen: Challenge, teams: tuple[Team, Team]
) -> None:
    late = inspected(frozen, teams[1])
    put_to_work(late)
    messages = heard(lambda: actions.record_evaluation(evaluation_for(late, 0.98)))
    assert {message["team"] for message in messages if message["topic"] in ("board", "submission")} == {
        teams[1].pk
    }


def test_kept_parts_follow_a_freeze_that_begins_by_itself(
    challenge: Challenge, teams: tuple[Team, Team]
) -> None:
    freezes_at = timezone.now() + timedelta(minutes=5)
    ending.freeze(challenge.event, make_organizer(challenge.event), freezes_at)
    scored(challenge, teams[0], 0.6)
    viewer, address = signed_in(make_participant(challenge.event)), outlets(challenge)["rows"]
    before = viewer.get(address)
    assert "Frozen since" not in words(before)
    with time_machine.travel(freezes_at, tick=False):
        after = viewer.get(address, headers={"If-None-Match": before["ETag"]})
    assert "Frozen since" in words(after)
    assert "0.60" in words(after)


def test_publishing_and_hiding_the_final_boards_changes_kept_parts(
    frozen: Challenge, teams: tuple[Team, Team]
) -> None:
    organizer, viewer = make_organizer(frozen.event), signed_in(make_participant(frozen.event))
    address = outlets(frozen)["rows"]
    assert "0.97" not in words(viewer.get(address))
    ending.publish_final(frozen.event, organizer)
    assert "0.97" in words(viewer.get(address))
    ending.take_back_final(frozen.event, organizer)
    assert "0.97" not in words(viewer.get(address))


def test_private_scores_are_at_no_address_of_a_board(challenge: Challenge, teams: tuple[Team, Team]) -> None:
    scored(challenge, teams[0], 0.6)
    for who in (member_of(teams[0]), make_coach(challenge.event), make_organizer(challenge.event)):
        for name, address in outlets(challenge).items():
            # Not in a time either, as 11:15:30.43 would be taken for it.
            assert not re.search(r"(?<!\d)0\.43", signed_in(who).get(address).content.decode()), name
