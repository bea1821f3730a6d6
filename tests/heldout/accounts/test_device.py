"""Login by code, on its page: shown, confirmed or refused once, within ten minutes, and not to be guessed."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from heldout.accounts import device, tokens
from heldout.accounts.models import ApiToken, DeviceLogin, Scope, User
from tests.heldout.factories import make_user
from tests.heldout.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def begun() -> device.Begun:
    return device.begin("heldout on a laptop", [Scope.READ, Scope.SUBMIT], timezone.now())


@pytest.fixture
def person(client: Client) -> User:
    user = make_user("ada@example.org")
    client.force_login(user)
    return user


def answer(client: Client, begun: device.Begun, **form: str) -> Any:
    return client.post("/device/", {"code": begun.login.user_code} | form)


def why_not(device_code: str) -> str:
    with pytest.raises(device.Pending) as why:
        device.redeem(device_code, timezone.now())
    return why.value.code


def test_only_a_digest_of_the_device_code_is_kept(begun: device.Begun) -> None:
    assert len(begun.device_code) > 40
    assert begun.device_code not in str(DeviceLogin.objects.values().get())


def test_who_is_signed_out_signs_in_first_and_comes_back_with_the_code(client: Client) -> None:
    away = client.get("/device/?code=ABCD-EFGH")
    assert away.status_code == 302
    assert away["Location"].endswith("?next=/device/%3Fcode%3DABCD-EFGH")


def test_the_page_says_which_program_asks_for_what(client: Client, person: User, begun: device.Begun) -> None:
    shown = words(answer(client, begun))
    assert "heldout on a laptop" in shown
    assert "Read what I may see" in shown and "Hand in for my team" in shown
    assert "Run events that I organize" not in shown
    assert not ApiToken.objects.exists()


def test_opening_the_link_tells_nothing_and_confirms_nothing(
    client: Client, person: User, begun: device.Begun
) -> None:
    page = client.get(f"/device/?code={begun.login.user_code}&answer=allow")
    assert begun.login.user_code in page.content.decode()
    assert "laptop" not in words(page)
    assert why_not(begun.device_code) == "authorization_pending"


def test_a_confirmed_login_gives_its_token_once(client: Client, person: User, begun: device.Begun) -> None:
    assert answer(client, begun, answer="allow").status_code == 200
    token, secret = device.redeem(begun.device_code, timezone.now())
    assert tokens.found(secret, timezone.now()) == token
    assert (token.user, token.scopes) == (person, ["read", "submit"])
    assert why_not(begun.device_code) == "expired_token"
    assert ApiToken.objects.count() == 1


def test_a_refused_login_gives_none(client: Client, person: User, begun: device.Begun) -> None:
    answer(client, begun, answer="refuse")
    assert why_not(begun.device_code) == "access_denied"
    assert not ApiToken.objects.exists()


def test_a_code_is_answered_once(client: Client, person: User, begun: device.Begun) -> None:
    answer(client, begun, answer="refuse")
    again = answer(client, begun, answer="allow")
    assert again.status_code == 422
    assert "No program waits under this code" in words(again)
    assert why_not(begun.device_code) == "access_denied"


def test_of_two_who_answer_at_once_the_first_counts(begun: device.Begun) -> None:
    now, ada, eve = timezone.now(), make_user(), make_user()
    assert device.decide(begun.login, ada, now, allow=True)
    assert not device.decide(begun.login, eve, now, allow=True)
    assert device.redeem(begun.device_code, now)[0].user == ada


def test_after_ten_minutes_neither_code_is_of_use(client: Client, person: User, begun: device.Begun) -> None:
    with time_machine.travel(begun.login.expires_at, tick=False):
        assert answer(client, begun, answer="allow").status_code == 422
        assert why_not(begun.device_code) == "expired_token"


def test_what_was_confirmed_and_never_fetched_ends_too(begun: device.Begun) -> None:
    device.decide(begun.login, make_user(), timezone.now(), allow=True)
    with time_machine.travel(begun.login.expires_at, tick=False):
        assert why_not(begun.device_code) == "expired_token"


def test_a_closed_account_gets_no_token(begun: device.Begun) -> None:
    user = make_user()
    device.decide(begun.login, user, timezone.now(), allow=True)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert why_not(begun.device_code) == "expired_token"
    assert not ApiToken.objects.exists()


def test_confirming_needs_the_forms_own_token(begun: device.Begun) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_user())
    assert answer(strict, begun, answer="allow").status_code == 403
    assert why_not(begun.device_code) == "authorization_pending"


def test_a_code_is_found_however_it_is_typed(begun: device.Begun) -> None:
    code = begun.login.user_code
    for typed in (f" {code} ", code.lower(), code.replace("-", ""), code.replace("-", " ")):
        assert device.waiting(typed, timezone.now()) == begun.login


def test_codes_cannot_be_guessed_in_number(client: Client, person: User, begun: device.Begun) -> None:
    said = [client.post("/device/", {"code": "BBBB-BBBB"}).status_code for _ in range(21)]
    assert said == [422] * 20 + [429]
    assert answer(client, begun).status_code == 429
    other = Client()
    other.force_login(make_user())
    assert answer(other, begun).status_code == 200


def test_a_program_that_asks_too_fast_is_told_to_slow_down(begun: device.Begun) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert why_not(begun.device_code) == "authorization_pending"
        clock.shift(1)
        assert why_not(begun.device_code) == "slow_down"
        clock.shift(5)
        assert why_not(begun.device_code) == "authorization_pending"


def test_what_ended_long_ago_is_cleared_away(begun: device.Begun) -> None:
    device.begin("another", [Scope.READ], begun.login.expires_at + timedelta(days=2))
    assert [login.name for login in DeviceLogin.objects.all()] == ["another"]
