"""The pages of webhooks, as their people use them."""

import re
from typing import Any

import pytest
from django.test import Client

from heldout.audit.models import AuditEntry
from heldout.catalog.models import Challenge
from heldout.teams.models import Team
from heldout.webhooks.delivering import deliver_due
from heldout.webhooks.models import Delivery, Hook
from tests.heldout.factories import make_organizer
from tests.heldout.handing_in import member_of
from tests.heldout.pages import inline_code, words
from tests.heldout.webhooks.hooks import of_event, of_team
from tests.heldout.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db

FORM = {"url": "https://hooks.example.org/in", "topics": ["submission.scored"]}


def pages_of(challenge: Challenge) -> str:
    return f"/events/{challenge.event.slug}/webhooks/"


def secret_in(page: Any) -> str:
    found = re.search(r"whsec_[\w+/=]+", page.content.decode())
    assert found is not None
    return found[0]


def test_a_team_adds_one_and_is_told_its_secret_once(
    client: Client, challenge: Challenge, team: Team
) -> None:
    client.force_login(member_of(team))
    made = client.post(pages_of(challenge), FORM)
    hook = Hook.objects.get()
    assert hook.team == team and secret_in(made) == hook.secret
    assert "no-store" in made["Cache-Control"]
    again = client.get(f"{pages_of(challenge)}{hook.pk}/")
    assert hook.secret not in again.content.decode() and not inline_code(again)
    assert hook.secret not in str(AuditEntry.objects.values_list("after", flat=True))


def test_an_organizers_webhook_is_the_events(client: Client, challenge: Challenge) -> None:
    client.force_login(make_organizer(challenge.event))
    client.post(pages_of(challenge), FORM)
    assert Hook.objects.get().team is None


def test_an_address_that_is_not_called_is_told_beside_the_field(client: Client, challenge: Challenge) -> None:
    client.force_login(make_organizer(challenge.event))
    answer = client.post(pages_of(challenge), FORM | {"url": "https://10.0.0.1/"})
    assert answer.status_code == 422
    assert "within a private network" in words(answer)
    assert not Hook.objects.exists()


def test_there_are_five_at_most(client: Client, challenge: Challenge) -> None:
    client.force_login(make_organizer(challenge.event))
    said = [client.post(pages_of(challenge), FORM).status_code for _ in range(6)]
    assert said == [200] * 5 + [422]


def test_a_test_is_sent_shown_and_sent_again(
    client: Client, challenge: Challenge, receiver: Receiver
) -> None:
    hook = of_event(challenge.event, f"{receiver.address}/in")
    page = f"{pages_of(challenge)}{hook.pk}/"
    client.force_login(hook.by)
    client.post(f"{page}test/")
    deliver_due()
    assert "delivered 1 200 thanks" in words(client.get(page))
    client.post(f"{pages_of(challenge)}deliveries/{Delivery.objects.get().pk}/again/")
    deliver_due()
    assert len(receiver.heard) == 2


def test_what_an_address_answered_is_shown_as_text(
    client: Client, challenge: Challenge, receiver: Receiver
) -> None:
    receiver.text = b"<script>alert(1)</script>"
    hook = of_event(challenge.event, f"{receiver.address}/in")
    client.force_login(hook.by)
    client.post(f"{pages_of(challenge)}{hook.pk}/test/")
    deliver_due()
    assert not inline_code(client.get(f"{pages_of(challenge)}{hook.pk}/"))


def test_a_paused_one_says_so_and_goes_on_when_it_is_resumed(
    client: Client, challenge: Challenge, team: Team
) -> None:
    hook = of_team(team)
    page = f"{pages_of(challenge)}{hook.pk}/"
    client.force_login(member_of(team))
    client.post(f"{page}pause/")
    assert "Paused since" in words(client.get(page))
    assert "It is paused. Resume it first." in words(client.post(f"{page}test/", follow=True))
    client.post(f"{page}resume/")
    assert "Paused since" not in words(client.get(page))


def test_a_removed_one_is_gone_and_a_new_secret_is_told_once(
    client: Client, challenge: Challenge, team: Team
) -> None:
    hook = of_team(team)
    client.force_login(member_of(team))
    made = secret_in(client.post(f"{pages_of(challenge)}{hook.pk}/secret/"))
    hook.refresh_from_db()
    assert hook.secret == made != hook.old_secret
    client.post(f"{pages_of(challenge)}{hook.pk}/remove/")
    assert not Hook.objects.exists()


def test_tests_are_counted(client: Client, challenge: Challenge, team: Team) -> None:
    hook = of_team(team)
    client.force_login(member_of(team))
    for _ in range(11):
        client.post(f"{pages_of(challenge)}{hook.pk}/test/")
    assert Delivery.objects.count() == 10
