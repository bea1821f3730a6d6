import re

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from heldout.accounts.actions import mark_verified
from heldout.accounts.models import User
from tests.heldout.factories import make_user
from tests.heldout.pages import inline_code, wears_our_look, words

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet mountain hut"


@pytest.fixture
def ada() -> User:
    user = make_user("ada@example.org", password=PASSWORD)
    mark_verified(user)
    return user


def ask_for_code(client: Client, email: str, then: str = "") -> str:
    """Ask for a one-time code, and read it in the mail."""
    client.post("/accounts/login/code/", {"email": email, "next": then})
    found = re.search(r"^([A-Z0-9-]{6,})$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[1]


def log_in(client: Client, password: str) -> int:
    return client.post("/accounts/login/", {"login": "ada@example.org", "password": password}).status_code


def test_a_code_from_the_mail_signs_in_and_leads_on(client: Client, ada: User) -> None:
    code = ask_for_code(client, ada.email, then="/events/new/")
    response = client.post("/accounts/login/code/confirm/", {"code": code, "next": "/events/new/"})
    assert response.headers["Location"] == "/events/new/"
    assert client.session["_auth_user_id"] == str(ada.pk)


def test_a_code_proves_an_address_that_nobody_has_proven_before(client: Client) -> None:
    user = make_user("new@example.org")
    code = ask_for_code(client, user.email)
    response = client.post("/accounts/login/code/confirm/", {"code": code})
    assert response.headers["Location"] == "/"
    assert user.emailaddress_set.get().verified  # type: ignore[attr-defined]


def test_a_wrong_code_does_not_sign_in_and_three_end_the_try(client: Client, ada: User) -> None:
    ask_for_code(client, ada.email)
    for _ in range(3):
        response = client.post("/accounts/login/code/confirm/", {"code": "WRONG-CODE"})
    assert response.headers["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


def test_a_code_is_good_in_the_browser_that_asked_for_it_only(client: Client, ada: User) -> None:
    code = ask_for_code(client, ada.email)
    elsewhere = Client()
    elsewhere.post("/accounts/login/code/confirm/", {"code": code})
    assert "_auth_user_id" not in elsewhere.session


def test_an_unknown_address_sees_the_same_page_and_is_told_by_mail(client: Client, ada: User) -> None:
    known = client.post("/accounts/login/code/", {"email": ada.email}, follow=True)
    unknown = Client().post("/accounts/login/code/", {"email": "bob@example.org"}, follow=True)
    assert words(known).replace(ada.email, "") == words(unknown).replace("bob@example.org", "")
    assert "no account has this address" in mail.outbox[-1].body


def test_a_password_signs_in(client: Client, ada: User) -> None:
    assert log_in(client, PASSWORD) == 302
    assert client.session["_auth_user_id"] == str(ada.pk)


def test_after_five_wrong_passwords_the_right_one_has_to_wait(client: Client, ada: User) -> None:
    assert [log_in(client, "wrong") for _ in range(5)] == [200] * 5
    assert log_in(client, PASSWORD) == 200
    assert "_auth_user_id" not in client.session


def test_codes_cannot_be_asked_for_without_end(client: Client, ada: User) -> None:
    for _ in range(8):
        response = Client().post("/accounts/login/code/", {"email": ada.email})
    assert "Too many" in words(response)
    assert len(mail.outbox) == 3


def test_many_tries_from_one_place_are_answered_by_a_page_that_says_so(
    client: Client, settings: Settings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    for _ in range(3):
        response = client.post("/accounts/login/", {})
    assert response.status_code == 429
    assert "Wait a few minutes" in words(response)
    assert wears_our_look(response)


def test_a_closed_account_does_not_sign_in(client: Client, ada: User) -> None:
    User.objects.update(is_active=False)
    assert log_in(client, PASSWORD) == 302
    assert "_auth_user_id" not in client.session


def test_signing_in_does_not_lead_to_another_site(client: Client, ada: User) -> None:
    response = client.post(
        "/accounts/login/", {"login": ada.email, "password": PASSWORD, "next": "https://evil.example/"}
    )
    assert response.headers["Location"] == "/"


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(client: Client, ada: User) -> None:
    client.post("/accounts/password/reset/", {"email": ada.email})
    found = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert found
    form = client.get(found[1], follow=True)
    new = {"password1": "another mountain hut", "password2": "another mountain hut"}
    response = client.post(form.request["PATH_INFO"], new, follow=True)
    assert "Your password is set" in words(response)
    assert log_in(Client(), "another mountain hut") == 302
    assert "no longer works" in words(Client().get(found[1], follow=True))


def test_who_has_no_password_may_set_one_and_change_it(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    assert client.get("/accounts/password/change/").headers["Location"] == "/accounts/password/set/"
    client.post("/accounts/password/set/", {"password1": PASSWORD, "password2": PASSWORD})
    new = {"oldpassword": PASSWORD, "password1": "another mountain hut", "password2": "another mountain hut"}
    client.post("/accounts/password/change/", new)
    user.refresh_from_db()
    assert user.check_password("another mountain hut")


def test_an_unproven_address_is_proven_by_a_link_before_a_password_signs_in(client: Client) -> None:
    user = make_user("ada@example.org", password=PASSWORD)
    log_in(client, PASSWORD)
    assert "_auth_user_id" not in client.session
    found = re.search(r"http://testserver(/accounts/confirm-email/\S+)", str(mail.outbox[0].body))
    assert found
    assert "Is ada@example.org your address?" in words(client.get(found[1]))
    client.post(found[1])
    assert user.emailaddress_set.get().verified  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/login/",
        "/accounts/login/code/",
        "/accounts/signup/",
        "/accounts/inactive/",
        "/accounts/confirm-email/",
        "/accounts/confirm-email/no-such-key/",
        "/accounts/password/reset/",
        "/accounts/password/reset/sent/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/1-wrong/",
    ],
)
def test_pages_for_everybody_wear_our_look(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert wears_our_look(response)
    assert inline_code(response) == []


@pytest.mark.parametrize("address", ["logout/", "password/change/"])
def test_pages_for_the_signed_in_wear_our_look(client: Client, ada: User, address: str) -> None:
    client.force_login(ada)
    response = client.get(f"/accounts/{address}")
    assert response.status_code == 200
    assert wears_our_look(response)
    assert inline_code(response) == []


def test_the_page_that_asks_for_the_code_wears_our_look(client: Client, ada: User) -> None:
    response = client.post("/accounts/login/code/", {"email": ada.email}, follow=True)
    assert "Type the code" in words(response)
    assert ada.email in words(response)
    assert wears_our_look(response)
    assert inline_code(response) == []


def test_signing_up_is_not_offered_even_to_a_post(client: Client) -> None:
    response = client.post("/accounts/signup/", {"email": "eve@example.org", "password1": PASSWORD})
    assert "Accounts are by invitation" in words(response)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "address", ["email/", "reauthenticate/", "phone/change/", "3rdparty/", "social/login/"]
)
def test_pages_that_are_not_offered_are_not_there(client: Client, ada: User, address: str) -> None:
    client.force_login(ada)
    assert client.get(f"/accounts/{address}").status_code == 404
