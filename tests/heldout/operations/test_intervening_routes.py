"""What organizers change for one team by the API, and take back again."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from heldout.accounts.models import Scope
from heldout.audit.models import AuditEntry
from heldout.catalog.models import Challenge
from heldout.leaderboards.models import Standing
from heldout.submissions.intervention_models import Disqualification, Extension, Grant
from heldout.submissions.rules import tries_left
from heldout.teams.models import Team
from tests.heldout.api.test_api import problem, signed_in
from tests.heldout.api.test_doing import post
from tests.heldout.api.test_tokens import bearer
from tests.heldout.factories import make_organizer, make_team
from tests.heldout.handing_in import hand_in, make_challenge, member_of, rehearsed, scored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge(quota_per_day=2)


@pytest.fixture
def team(challenge: Challenge) -> Team:
    return make_team(challenge.event, "Cairn")


@pytest.fixture
def organizer(challenge: Challenge) -> Client:
    return signed_in(make_organizer(challenge.event))


def listed(client: Client, challenge: Challenge, what: str, **piece: Any) -> Any:
    return client.get(f"/api/v1/events/{challenge.event.slug}/{what}", piece).json()


def test_tries_are_granted_listed_and_taken_back(organizer: Client, challenge: Challenge, team: Team) -> None:
    slug = challenge.event.slug
    made = post(
        organizer, f"{slug}/challenges/{challenge.slug}/grants", team=team.pk, tries=3, reason="An outage"
    )
    assert made.status_code == 201
    assert tries_left(team, challenge, timezone.now()).left == 5
    [item] = listed(organizer, challenge, "grants")["items"]
    assert item == made.json()
    assert (item["team"]["name"], item["challenge"], item["tries"]) == ("Cairn", challenge.slug, 3)
    assert organizer.delete(f"/api/v1/events/{slug}/grants/{item['id']}").status_code == 204
    assert tries_left(team, challenge, timezone.now()).left == 2
    assert organizer.delete(f"/api/v1/events/{slug}/grants/{item['id']}").status_code == 404


def test_what_was_granted_comes_piece_by_piece(organizer: Client, challenge: Challenge, team: Team) -> None:
    for tries in (1, 2, 3):
        address = f"{challenge.event.slug}/challenges/{challenge.slug}/grants"
        assert post(organizer, address, team=team.pk, tries=tries, reason="x").status_code == 201
    first = listed(organizer, challenge, "grants", limit=2)
    last = listed(organizer, challenge, "grants", limit=2, cursor=first["next"])
    assert [item["tries"] for item in first["items"] + last["items"]] == [3, 2, 1]
    assert last["next"] is None


def test_a_deadline_is_extended_replaced_and_holds_again(
    organizer: Client, challenge: Challenge, team: Team
) -> None:
    address = f"{challenge.event.slug}/challenges/{challenge.slug}/extensions"
    now = timezone.now()
    for hours in (1, 2):
        until = (now + timedelta(hours=hours)).isoformat()
        made = post(organizer, address, team=team.pk, until=until, reason="A fire alarm")
        assert made.status_code == 201
    assert Extension.objects.get().until == now + timedelta(hours=2)
    [item] = listed(organizer, challenge, "extensions")["items"]
    gone = organizer.delete(f"/api/v1/events/{challenge.event.slug}/extensions/{item['id']}")
    assert gone.status_code == 204 and not Extension.objects.exists()


def test_a_submission_and_a_team_count_no_more_and_count_again(
    organizer: Client, challenge: Challenge, team: Team
) -> None:
    slug, submission = challenge.event.slug, scored(challenge, team, 0.9)
    out = post(organizer, f"{slug}/submissions/{submission.pk}/disqualify", reason="It holds the answers")
    assert (out.status_code, out.json()["submission"]) == (201, str(submission.pk))
    assert not Standing.objects.exists()
    again = post(organizer, f"{slug}/submissions/{submission.pk}/disqualify", reason="Twice")
    assert problem(again)["title"] == "It is disqualified already."
    whole = post(organizer, f"{slug}/teams/{team.pk}/disqualify", reason="Shared its models").json()
    assert (whole["submission"], whole["team"]["name"]) == (None, "Cairn")
    items = listed(organizer, challenge, "disqualifications")["items"]
    assert [item["reason"] for item in items] == ["Shared its models", "It holds the answers"]
    for item in items:
        assert organizer.delete(f"/api/v1/events/{slug}/disqualifications/{item['id']}").status_code == 204
    assert Standing.objects.get().score == 0.9
    assert AuditEntry.objects.filter(action="disqualification.taken_back").count() == 2


def test_a_rehearsal_is_on_no_board_that_it_could_be_taken_off(
    organizer: Client, challenge: Challenge, team: Team
) -> None:
    one = rehearsed(challenge, team)
    answer = post(organizer, f"{challenge.event.slug}/submissions/{one.pk}/disqualify", reason="x")
    assert problem(answer)["status"] == 404


@pytest.mark.parametrize(
    ("what", "body", "field"),
    [
        ("grants", {"team": 10**9, "tries": 1}, "team"),
        ("grants", {"tries": 0}, "tries"),
        ("grants", {"tries": 1, "reason": ""}, "reason"),
        ("extensions", {"until": "2026-11-26T12:00:00"}, "until"),
        ("extensions", {"until": "2300-01-01T00:00:00Z"}, "until"),
        ("extensions", {"until": "soon"}, "until"),
        ("extensions", {"until": "2090-01-01T00:00:00Z", "team": 10**9}, "team"),
    ],
)
def test_the_field_at_fault_is_named(
    organizer: Client, challenge: Challenge, team: Team, what: str, body: dict[str, Any], field: str
) -> None:
    given = {"team": team.pk, "reason": "x"} | body
    answer = problem(post(organizer, f"{challenge.event.slug}/challenges/{challenge.slug}/{what}", **given))
    assert answer["status"] == 422
    assert [error["loc"][-1] for error in answer["errors"]] == [field]
    assert not (Grant.objects.exists() or Extension.objects.exists())


def test_a_deadline_that_is_over_is_refused(organizer: Client, challenge: Challenge, team: Team) -> None:
    past = (timezone.now() - timedelta(hours=1)).isoformat()
    address = f"{challenge.event.slug}/challenges/{challenge.slug}/extensions"
    answer = problem(post(organizer, address, team=team.pk, until=past, reason="x"))
    assert (answer["status"], answer["title"]) == (409, "The deadline was not extended.")


def test_a_team_of_another_event_is_none_of_this_one(organizer: Client, challenge: Challenge) -> None:
    foreign = make_team(make_challenge().event)
    slug = challenge.event.slug
    assert problem(post(organizer, f"{slug}/teams/{foreign.pk}/disqualify", reason="x"))["status"] == 404
    answer = post(
        organizer, f"{slug}/challenges/{challenge.slug}/grants", team=foreign.pk, tries=1, reason="x"
    )
    assert problem(answer)["errors"][0]["msg"].startswith(f"found {foreign.pk}; expected")
    assert not Disqualification.objects.exists()


def test_only_organizers_with_the_scope_may(challenge: Challenge, team: Team) -> None:
    address = f"/api/v1/events/{challenge.event.slug}/grants"
    assert signed_in(member_of(team)).get(address).status_code == 404
    lacking = Client().get(address, headers=bearer(make_organizer(challenge.event), Scope.READ, Scope.TEAM))
    assert "lacks the scope `organize`" in problem(lacking)["detail"]


def test_another_teams_submission_is_cancelled_with_the_scope_to_organize_alone(
    challenge: Challenge, team: Team
) -> None:
    submission, organizer = hand_in(challenge, team), make_organizer(challenge.event)
    address = f"/api/v1/events/{challenge.event.slug}/submissions/{submission.pk}/cancel"
    lacking = Client().post(address, headers=bearer(organizer, Scope.SUBMIT))
    assert "lacks the scope `organize`" in problem(lacking)["detail"]
    member = Client().post(address, headers=bearer(member_of(team), Scope.ORGANIZE))
    assert "lacks the scope `submit`" in problem(member)["detail"]
    done = Client().post(address, headers=bearer(organizer, Scope.ORGANIZE))
    assert done.json()["state"] == "cancelled"
