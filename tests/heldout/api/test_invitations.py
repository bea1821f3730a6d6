"""Invitations by the API."""

import pytest
from django.core import mail
from django.test import Client

from heldout.accounts.models import Scope
from heldout.events.models import Event, Invitation
from tests.heldout.api.test_api import problem, signed_in
from tests.heldout.api.test_doing import post
from tests.heldout.api.test_tokens import bearer
from tests.heldout.factories import make_event, make_organizer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def event() -> Event:
    return make_event("trail")


@pytest.fixture
def organizer(event: Event) -> Client:
    return signed_in(make_organizer(event))


def test_people_are_invited_listed_mailed_again_and_uninvited(organizer: Client) -> None:
    made = post(organizer, "trail/invitations", emails=["ada@example.org", "bo@example.org"], role="coach")
    assert made.status_code == 201
    assert [letter.to[0] for letter in mail.outbox] == ["ada@example.org", "bo@example.org"]
    items = organizer.get("/api/v1/events/trail/invitations").json()["items"]
    assert {(item["role"], item["state"]) for item in items} == {("coach", "pending")}
    first = items[0]["id"]
    assert post(organizer, f"trail/invitations/{first}/resend").status_code == 200
    assert len(mail.outbox) == 3
    assert post(organizer, f"trail/invitations/{first}/revoke").json()["state"] == "revoked"
    refused = problem(post(organizer, f"trail/invitations/{first}/resend"))
    assert refused["title"] == "This invitation was withdrawn."


def test_no_link_is_told_to_an_organizer(organizer: Client) -> None:
    made = post(organizer, "trail/invitations", emails=["ada@example.org"])
    assert "token" not in made.content.decode()


def test_one_that_is_no_address_lets_nobody_be_invited(organizer: Client) -> None:
    refused = problem(post(organizer, "trail/invitations", emails=["ada@example.org", "nobody"]))
    assert (refused["status"], "“nobody” is not a mail address" in refused["detail"]) == (409, True)
    none = problem(post(organizer, "trail/invitations", emails=[]))
    assert none["errors"][0]["loc"][-1] == "emails"
    role = problem(post(organizer, "trail/invitations", emails=["ada@example.org"], role="chef"))
    assert role["errors"][0]["loc"][-1] == "role"
    assert not Invitation.objects.exists()


def test_a_token_needs_the_scope(event: Event) -> None:
    lacking = Client().get(
        "/api/v1/events/trail/invitations", headers=bearer(make_organizer(event), Scope.READ)
    )
    assert "lacks the scope `organize`" in problem(lacking)["detail"]
