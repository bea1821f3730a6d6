"""A team's tokens by the API: told once, and never of more use than what made them."""

from typing import Any

import pytest
from django.test import Client

from heldout.accounts import tokens as personal
from heldout.accounts.models import ApiToken, Scope
from heldout.api.models import KeptAnswer
from heldout.teams.models import Team, TeamToken
from tests.heldout.api.test_api import problem, signed_in
from tests.heldout.api.test_team_tokens import bearer as of_team
from tests.heldout.api.test_tokens import bearer
from tests.heldout.factories import make_coach, make_event, make_organizer, make_participant, make_team
from tests.heldout.handing_in import member_of

pytestmark = pytest.mark.django_db(transaction=True)

ENOUGH = (Scope.READ, Scope.SUBMIT, Scope.TEAM)
ADDRESS = "/api/v1/events/trail/team/tokens"


@pytest.fixture
def team() -> Team:
    return make_team(make_event("trail"), "Cairn", members=2)


def make(client: Client, name: str = "CI", headers: dict[str, str] | None = None, **given: Any) -> Any:
    body = {"name": name} | given
    return client.post(ADDRESS, body, content_type="application/json", headers=headers or {})


def test_a_member_makes_one_that_works_lists_and_revokes_it(team: Team) -> None:
    client = signed_in(member_of(team))
    made = make(client, "GPU machine", days=3)
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    headers = {"Authorization": f"Bearer {made.json()['token']}"}
    assert Client().get("/api/v1/me", headers=headers).json()["team"]["name"] == "Cairn"
    [item] = client.get(ADDRESS).json()["items"]
    assert (item["name"], item["scopes"]) == ("GPU machine", ["read", "submit"])
    assert "token" not in item
    assert client.delete(f"{ADDRESS}/{item['id']}").status_code == 204
    assert Client().get("/api/v1/me", headers=headers).status_code == 401
    assert client.get(ADDRESS).json()["items"] == []


def test_sent_again_with_its_key_it_makes_no_second_and_tells_the_text_no_second_time(team: Team) -> None:
    client, key = signed_in(member_of(team)), {"Idempotency-Key": "one"}
    first, again = make(client, headers=key), make(client, headers=key)
    assert first.json()["token"].startswith("hld_") and first["Cache-Control"] == "no-store"
    assert again.json() == first.json() | {"token": None}
    assert TeamToken.objects.count() == 1
    assert first.json()["token"] not in KeptAnswer.objects.get().body


def test_only_one_that_may_all_that_the_new_one_will_makes_it(team: Team) -> None:
    member = member_of(team)
    for lacking in ENOUGH:
        scopes = [scope for scope in ENOUGH if scope != lacking]
        answer = make(Client(), headers=bearer(member, *scopes))
        assert f"lacks the scope `{lacking.value}`" in problem(answer)["detail"]
    assert not TeamToken.objects.exists()
    assert make(Client(), headers=bearer(member, *ENOUGH)).status_code == 201


def test_a_teams_token_makes_lists_and_revokes_none(team: Team) -> None:
    headers = of_team(team)
    kept = TeamToken.objects.get()
    answers = [
        make(Client(), headers=headers),
        Client().get(ADDRESS, headers=headers),
        Client().delete(f"{ADDRESS}/{kept.pk}", headers=headers),
    ]
    assert all("lacks the scope `team`" in problem(answer)["detail"] for answer in answers)
    assert TeamToken.objects.count() == 1


def test_none_outlives_the_token_that_makes_it(team: Team) -> None:
    _, secret = personal.make(member_of(team), "for a week", ENOUGH, 7)
    headers = {"Authorization": f"Bearer {secret}"}
    refused = problem(make(Client(), headers=headers, days=8))
    assert (refused["status"], "6 whole days left" in refused["detail"]) == (409, True)
    assert make(Client(), headers=headers, days=6).status_code == 201
    browser = make(signed_in(member_of(team)), "longer", days=30)
    assert browser.status_code == 201


def test_the_field_at_fault_is_named(team: Team) -> None:
    client = signed_in(member_of(team))
    wrong: dict[str, Any] = {"name": "x" * 41, "days": 366}
    for field, value in wrong.items():
        answer = problem(make(client, **{field: value}))
        assert answer["status"] == 422
        assert [error["loc"][-1] for error in answer["errors"]] == [field]
    assert not ApiToken.objects.exists()


def test_whoever_is_in_no_team_finds_none(team: Team) -> None:
    for person in (make_participant(team.event), make_coach(team.event), make_organizer(team.event)):
        assert signed_in(person).get(ADDRESS).status_code == 404
        assert make(signed_in(person)).status_code == 404
    rival = make_team(team.event)
    made = make(signed_in(member_of(team))).json()
    assert signed_in(member_of(rival)).delete(f"{ADDRESS}/{made['id']}").status_code == 404
