"""API tokens: told once, kept as a digest, ended by time, by revoking, or with the account."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from heldout.accounts import tokens
from heldout.accounts.models import ApiToken, Scope
from tests.heldout.factories import make_user

pytestmark = pytest.mark.django_db


def test_only_a_digest_of_a_token_is_kept() -> None:
    token, secret = tokens.make(make_user(), "laptop", [Scope.READ], 30)
    assert secret.startswith("hld_") and len(secret) > 40
    assert secret not in str(ApiToken.objects.filter(pk=token.pk).values().get())
    assert tokens.found(secret, timezone.now()) == token
    assert tokens.found(secret[:-1], timezone.now()) is None


def test_a_token_lasts_a_year_at_most_and_then_says_that_it_ended() -> None:
    token, _ = tokens.make(make_user(), "laptop", [Scope.READ], 5000)
    now = timezone.now()
    assert token.expires_at - now < timedelta(days=366)
    assert tokens.fault(token, now) == ""
    assert "ended on" in tokens.fault(token, token.expires_at)


def test_a_revoked_token_says_so_and_one_of_a_closed_account_is_unknown() -> None:
    user = make_user()
    token, secret = tokens.make(user, "laptop", [Scope.READ], 30)
    tokens.revoke(token)
    token.refresh_from_db()
    assert "was revoked" in tokens.fault(token, timezone.now())
    user.is_active = False
    user.save()
    assert tokens.found(secret, timezone.now()) is None


def test_the_last_use_is_written_at_most_once_a_minute() -> None:
    token, secret = tokens.make(make_user(), "laptop", [Scope.READ], 30)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        tokens.found(secret, first := timezone.now())
        clock.shift(30)
        tokens.found(secret, timezone.now())
        token.refresh_from_db()
        assert token.last_used_at == first
        clock.shift(31)
        tokens.found(secret, timezone.now())
        token.refresh_from_db()
        assert token.last_used_at == timezone.now()


def test_the_page_tells_a_new_token_once(client: Client) -> None:
    client.force_login(make_user())
    made = client.post("/account/tokens/", {"name": "laptop", "scopes": ["read"], "days": 10})
    assert b"hld_" in made.content
    assert "no-store" in made["Cache-Control"]
    later = client.get("/account/tokens/").content
    assert b"hld_" not in later and b"laptop" in later


def test_bad_input_is_named_and_makes_no_token(client: Client) -> None:
    client.force_login(make_user())
    answer = client.post("/account/tokens/", {"name": "laptop", "scopes": ["rule"], "days": 9999})
    assert answer.status_code == 422
    assert b"rule is not one of the available choices" in answer.content
    assert b"less than or equal to 365" in answer.content
    assert b'value="laptop"' in answer.content
    assert not ApiToken.objects.exists()


def test_somebody_elses_token_is_not_there(client: Client) -> None:
    token, _ = tokens.make(make_user(), "laptop", [Scope.READ], 30)
    client.force_login(make_user())
    assert client.post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    client.force_login(token.user)
    assert client.post(f"/account/tokens/{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None
