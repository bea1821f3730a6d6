"""Webhooks by the API, of organizers and of teams."""

from typing import Any

import pytest
from django.test import Client

from heldout.accounts.models import Scope
from heldout.api.models import KeptAnswer
from heldout.catalog.models import Challenge
from heldout.teams.models import Team
from heldout.webhooks.delivering import deliver_due
from heldout.webhooks.models import Delivery, Hook
from tests.heldout.api.test_api import problem, signed_in
from tests.heldout.api.test_team_tokens import bearer as of_a_team
from tests.heldout.api.test_tokens import bearer
from tests.heldout.factories import make_coach, make_organizer, make_team
from tests.heldout.handing_in import member_of
from tests.heldout.webhooks.hooks import of_event, of_team
from tests.heldout.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)

NEW = {"url": "https://hooks.example.org/in", "topics": ["submission.scored"]}


def address(challenge: Challenge, rest: str = "") -> str:
    return f"/api/v1/events/{challenge.event.slug}/webhooks{rest}"


def post(client: Client, url: str, body: Any = None, **headers: str) -> Any:
    return client.post(url, body or {}, content_type="application/json", headers=headers)


def test_one_is_added_and_its_secret_told_once(challenge: Challenge, team: Team) -> None:
    client = signed_in(member_of(team))
    made = post(client, address(challenge), NEW)
    hook = Hook.objects.get()
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    assert (made.json()["secret"], hook.team) == (hook.secret, team)
    for rest in ("", f"/{hook.pk}", f"/{hook.pk}/deliveries"):
        assert hook.secret not in client.get(address(challenge, rest)).content.decode()


def test_sent_again_with_its_key_the_secret_is_neither_told_nor_kept(
    challenge: Challenge, team: Team
) -> None:
    client, key = signed_in(member_of(team)), {"Idempotency-Key": "one"}
    first, again = (post(client, address(challenge), NEW, **key) for _ in range(2))
    hook = Hook.objects.get()
    assert (first.json()["secret"], again.json()["secret"]) == (hook.secret, None)
    assert again.json()["id"] == hook.pk
    assert hook.secret not in KeptAnswer.objects.get().body


def test_it_gets_another_secret(challenge: Challenge) -> None:
    hook = of_event(challenge.event)
    told = post(signed_in(make_organizer(challenge.event)), address(challenge, f"/{hook.pk}/secret"))
    assert told.json()["secret"] == Hook.objects.get().secret != hook.secret
    assert Hook.objects.get().old_secret == hook.secret


def test_it_is_paused_resumed_and_removed(challenge: Challenge) -> None:
    hook, client = of_event(challenge.event), signed_in(make_organizer(challenge.event))
    paused = post(client, address(challenge, f"/{hook.pk}/pause")).json()
    assert paused["paused_at"] and paused["paused_why"].startswith("by ")
    refused = problem(post(client, address(challenge, f"/{hook.pk}/test")))
    assert (refused["status"], refused["title"]) == (409, "It is paused.")
    assert post(client, address(challenge, f"/{hook.pk}/resume")).json()["paused_at"] is None
    assert client.delete(address(challenge, f"/{hook.pk}")).status_code == 204
    assert client.get(address(challenge)).json()["items"] == []


def test_a_test_is_delivered_and_sent_again(challenge: Challenge, team: Team, receiver: Receiver) -> None:
    hook, client = of_team(team, receiver.address), signed_in(member_of(team))
    post(client, address(challenge, f"/{hook.pk}/test"))
    deliver_due()
    [message] = client.get(address(challenge, f"/{hook.pk}/deliveries")).json()["items"]
    assert (message["topic"], message["state"], message["tries"]) == ("test", "delivered", 1)
    again = post(client, address(challenge, f"/deliveries/{message['id']}/again"))
    assert (again.json()["id"], again.json()["state"]) == (message["id"], "waiting")
    deliver_due()
    assert Delivery.objects.get().state == "delivered"


def test_bad_input_is_told_with_its_field(challenge: Challenge, team: Team) -> None:
    client = signed_in(member_of(team))
    for field, value in {"topics": ["weather"], "url": "x" * 501}.items():
        answer = problem(post(client, address(challenge), NEW | {field: value}))
        assert answer["status"] == 422
        assert field in answer["errors"][0]["loc"]
    private = problem(post(client, address(challenge), NEW | {"url": "https://10.0.0.1/"}))
    assert (private["status"], private["title"]) == (409, "That address is not called.")
    assert not Hook.objects.exists()


def test_those_of_others_are_not_there(challenge: Challenge, team: Team) -> None:
    ours, crew = of_team(team), of_event(challenge.event)
    rival, organizer = member_of(make_team(challenge.event)), make_organizer(challenge.event)
    assert signed_in(rival).get(address(challenge)).json()["items"] == []
    for person, hook in ((rival, ours), (organizer, ours), (member_of(team), crew)):
        assert signed_in(person).delete(address(challenge, f"/{hook.pk}")).status_code == 404
    assert signed_in(make_coach(challenge.event)).get(address(challenge)).status_code == 404
    assert Hook.objects.count() == 2


def test_a_token_needs_the_scope_by_which_its_person_acts_there(challenge: Challenge, team: Team) -> None:
    member, organizer = member_of(team), make_organizer(challenge.event)
    for person, needed in ((member, Scope.TEAM), (organizer, Scope.ORGANIZE)):
        others = [scope for scope in Scope if scope != needed]
        lacking = bearer(person, *others)
        for refused in (
            Client().get(address(challenge), headers=lacking),
            post(Client(), address(challenge), NEW, **lacking),
        ):
            assert f"lacks the scope `{needed.value}`" in problem(refused)["detail"]
        assert Client().get(address(challenge), headers=bearer(person, needed)).status_code == 200
    shared = Client().get(address(challenge), headers=of_a_team(team))
    assert "lacks the scope `team`" in problem(shared)["detail"]
    assert not Hook.objects.exists()
