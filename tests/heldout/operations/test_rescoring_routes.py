"""Scoring anew by the API: begun, looked at, kept or discarded, undone."""

from typing import Any

import pytest
from django.test import Client

from heldout.accounts.models import Scope
from heldout.catalog.models import Challenge
from heldout.leaderboards import actions as leaderboards
from heldout.leaderboards.models import Standing
from heldout.submissions.models import Rescoring, Submission
from heldout.teams.models import Team
from tests.heldout.api.test_api import problem, signed_in
from tests.heldout.api.test_doing import post
from tests.heldout.api.test_tokens import bearer
from tests.heldout.factories import make_organizer, make_team
from tests.heldout.handing_in import evaluation_for, make_challenge, member_of, scored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge()


@pytest.fixture
def team(challenge: Challenge) -> Team:
    return make_team(challenge.event, "Cairn")


@pytest.fixture
def organizer(challenge: Challenge) -> Client:
    return signed_in(make_organizer(challenge.event))


def begin(client: Client, challenge: Challenge, **given: Any) -> Any:
    address = f"{challenge.event.slug}/challenges/{challenge.slug}/rescorings"
    return post(client, address, **{"reason": "A wrong label"} | given)


def run(submission: Submission, score: float) -> None:
    """Let a worker score it anew."""
    attempts = Rescoring.objects.latest("at").attempts
    attempts.update(state="dispatched")
    leaderboards.record_evaluation(evaluation_for(submission, score, attempt=attempts.get().pk))


def test_one_is_begun_looked_at_kept_and_undone(organizer: Client, challenge: Challenge, team: Team) -> None:
    submission = scored(challenge, team, 0.9)
    scored(challenge, make_team(challenge.event, "Tarp"), 0.7)
    begun = begin(organizer, challenge, team=team.pk)
    assert (begun.status_code, begun.json()["state"], begun.json()["team"]["name"]) == (
        201,
        "running",
        "Cairn",
    )
    address = f"{challenge.event.slug}/rescorings/{begun.json()['id']}"
    early = organizer.get(f"/api/v1/events/{address}").json()
    assert (early["progress"]["unfinished"], early["moves"]) == (1, [])
    assert problem(post(organizer, f"{address}/keep"))["title"] == "It is not over yet."
    run(submission, 0.6)
    ready = organizer.get(f"/api/v1/events/{address}").json()
    places = {move["team"]: (move["before"]["rank"], move["after"]["rank"]) for move in ready["moves"]}
    assert places == {"Tarp": (2, 1), "Cairn": (1, 2)}
    assert Standing.objects.get(team=team).score == 0.9
    assert post(organizer, f"{address}/keep").json()["state"] == "kept"
    assert Standing.objects.get(team=team).score == 0.6
    assert post(organizer, f"{address}/undo").json()["state"] == "discarded"
    assert Standing.objects.get(team=team).score == 0.9


def test_what_was_scored_since_is_taken_in_and_all_of_it_discarded(
    organizer: Client, challenge: Challenge, team: Team
) -> None:
    scored(challenge, team, 0.9)
    number = begin(organizer, challenge).json()["id"]
    scored(challenge, team, 0.8)
    address = f"{challenge.event.slug}/rescorings/{number}"
    assert organizer.get(f"/api/v1/events/{address}").json()["missing"] == 1
    caught_up = post(organizer, f"{address}/catch-up").json()
    assert (caught_up["missing"], caught_up["progress"]["total"]) == (0, 2)
    assert post(organizer, f"{address}/discard").json()["state"] == "discarded"
    assert problem(post(organizer, f"{address}/discard"))["title"] == "It is decided already."
    [item] = organizer.get(f"/api/v1/events/{challenge.event.slug}/rescorings").json()["items"]
    assert (item["id"], item["state"], item["reason"]) == (number, "discarded", "A wrong label")


def test_the_versions_to_rescore_against_are_listed(organizer: Client, challenge: Challenge) -> None:
    address = f"/api/v1/events/{challenge.event.slug}/challenges/{challenge.slug}/preparations"
    [item] = organizer.get(address).json()["items"]
    assert (item["id"], item["in_use"]) == (str(challenge.preparation_id), True)


def test_the_field_at_fault_is_named(organizer: Client, challenge: Challenge, team: Team) -> None:
    sibling = make_challenge(challenge.event)
    other = scored(sibling, team, 0.9)
    scored(challenge, team, 0.9)
    wrong: dict[str, Any] = {
        "team": 10**9,
        "submission": str(other.pk),
        "preparation": str(sibling.preparation_id),
        "reason": "",
    }
    for field, value in wrong.items():
        answer = problem(begin(organizer, challenge, **{field: value}))
        assert answer["status"] == 422
        assert [error["loc"][-1] for error in answer["errors"]] == [field]
    assert not Rescoring.objects.exists()


def test_a_second_one_at_once_is_refused(organizer: Client, challenge: Challenge, team: Team) -> None:
    assert problem(begin(organizer, challenge))["title"] == "There is nothing to rescore."
    scored(challenge, team, 0.9)
    assert begin(organizer, challenge).status_code == 201
    assert problem(begin(organizer, challenge))["title"] == "The challenge is being rescored."


def test_only_organizers_with_the_scope_may(challenge: Challenge, team: Team) -> None:
    address = f"/api/v1/events/{challenge.event.slug}/rescorings"
    assert signed_in(member_of(team)).get(address).status_code == 404
    lacking = Client().get(address, headers=bearer(make_organizer(challenge.event), Scope.READ))
    assert "lacks the scope `organize`" in problem(lacking)["detail"]
