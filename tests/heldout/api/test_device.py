"""Login by code as a program does it."""

from typing import Any

import pytest
from django.test import Client
from django.utils.dateparse import parse_datetime

from heldout.accounts.models import DeviceLogin
from tests.heldout.api.test_tokens import problem
from tests.heldout.factories import make_user

pytestmark = pytest.mark.django_db


def post(address: str, body: dict[str, Any]) -> Any:
    return Client().post(f"/api/v1/device/{address}", body, content_type="application/json")


def test_a_program_signs_in_without_ever_seeing_a_password() -> None:
    begun = post("authorize", {"name": "notebook", "scopes": ["read", "submit"]}).json()
    assert begun["expires_in"] == 600 and begun["interval"] == 5
    assert begun["verification_uri_complete"] == f"{begun['verification_uri']}?code={begun['user_code']}"
    waits = post("token", {"device_code": begun["device_code"]})
    assert (waits.status_code, problem(waits)["code"]) == (400, "authorization_pending")

    browser = Client()
    browser.force_login(make_user("ada@example.org"))
    browser.post("/device/", {"code": begun["user_code"], "answer": "allow"})

    given = post("token", {"device_code": begun["device_code"]})
    assert given.status_code == 200 and given["Cache-Control"] == "no-store"
    told = given.json()
    assert (told["user"], told["scopes"]) == ("ada@example.org", ["read", "submit"])
    assert parse_datetime(told["expires_at"]) is not None
    events = Client().get("/api/v1/events", headers={"Authorization": f"Bearer {told['token']}"})
    assert events.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["rule"]},
        {"name": " ", "scopes": ["read"]},
        {"name": "a\x00b", "scopes": ["read"]},
        {"name": "x" * 61, "scopes": ["read"]},
    ],
)
def test_what_is_malformed_begins_nothing(body: dict[str, Any]) -> None:
    answer = post("authorize", body)
    assert (answer.status_code, problem(answer)["status"]) == (422, 422)
    assert not DeviceLogin.objects.exists()


def test_an_unknown_device_code_is_as_one_that_ended() -> None:
    answer = post("token", {"device_code": "made up \x00"})
    assert (answer.status_code, problem(answer)["code"]) == (400, "expired_token")


def test_who_begins_too_many_is_told_to_wait() -> None:
    said = [post("authorize", {"name": "x", "scopes": ["read"]}) for _ in range(121)]
    assert [answer.status_code for answer in said] == [200] * 120 + [429]
    assert said[-1]["Retry-After"] == "60"
