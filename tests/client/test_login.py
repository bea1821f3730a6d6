"""Signing in by a code or a token; where the account is kept, and to whom the token is told."""

import stat

import httpx
import pytest

from heldout.accounts.models import ApiToken, DeviceLogin, Scope
from heldout_client import account
from heldout_client.account import Account, NotSignedIn
from tests.client.conftest import Scene, answering, document, heldout, token_of


def test_a_kept_account_is_for_its_owner_alone() -> None:
    place = account.keep(Account("https://a.example", "hld_1"))
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert account.known() == Account("https://a.example", "hld_1")
    assert account.forget() and not account.forget()


def test_without_an_account_the_way_to_get_one_is_told() -> None:
    with pytest.raises(NotSignedIn, match="heldout login ADDRESS"):
        account.known()
    assert heldout("bundle", "publish", ".", "--event", "e").exit_code == 3


def test_a_token_of_one_site_is_never_told_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    account.keep(Account("https://a.example", "hld_1"))
    monkeypatch.setenv(account.SITE, "https://b.example")
    with pytest.raises(NotSignedIn, match="HELDOUT_TOKEN"):
        account.known()


def test_an_account_that_cannot_be_read_is_named() -> None:
    account.keep(Account("https://a.example", "hld_1")).write_text("{")
    done = heldout("events")
    assert done.exit_code == 3 and str(account.file()) in done.stderr


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "no address", "ftp://a.example"])
def test_an_address_where_no_site_is_keeps_nothing(address: str) -> None:
    assert heldout("login", address, "--token", "hld_1").exit_code == 4
    assert heldout("login", address).exit_code == 4
    assert not account.file().exists()


def test_a_code_that_is_confirmed_in_a_browser_signs_in(address: str, impatient: None) -> None:
    person = answering("allow")
    done = heldout("login", address)
    person.join()
    assert done.exit_code == 0, done.stderr
    assert f"/device/?code={DeviceLogin.objects.get().user_code}" in done.stderr
    kept = account.known()
    assert (kept.site, ApiToken.objects.get().scopes) == (address, ["read", "submit"])
    assert kept.token not in done.stdout + done.stderr
    assert document("whoami")["email"] == "ada@example.org"


def test_a_code_that_is_refused_keeps_nothing(address: str, impatient: None) -> None:
    person = answering("refuse")
    done = heldout("login", address)
    person.join()
    assert done.exit_code == 1
    assert not account.file().exists()


def test_a_scope_that_does_not_exist_is_named(address: str) -> None:
    done = heldout("login", address, "--scope", "rule")
    assert done.exit_code == 1
    assert "scopes" in done.stderr and "'organize'" in done.stderr


def test_a_machine_signs_in_with_a_token_that_no_command_line_shows(scene: Scene) -> None:
    account.forget()
    done = heldout("login", scene.address.removeprefix("http://"), "--token", "-", input=f"{scene.token}\n")
    assert done.exit_code == 0, done.stderr
    assert f"Events: {scene.event}." in done.stdout
    assert account.known() == Account(scene.address, scene.token)


def test_a_token_that_may_not_read_signs_in_too(scene: Scene) -> None:
    done = heldout("login", scene.address, "--token", token_of(scene.person, Scope.ORGANIZE))
    assert done.exit_code == 0, done.stderr
    assert document("whoami")["scopes"] == ["organize"]


def test_a_token_that_does_not_hold_is_not_kept(address: str) -> None:
    done = heldout("login", address, "--token", "hld_nothing")
    assert done.exit_code == 3
    assert not account.file().exists()


def test_who_one_is(scene: Scene) -> None:
    said = document("whoami")
    assert (said["site"], said["email"]) == (scene.address, scene.person.email)
    assert scene.person.email in heldout("whoami").stdout


def test_after_logout_nobody_is_signed_in(scene: Scene) -> None:
    assert heldout("logout").stdout == "Forgotten.\n"
    assert heldout("events").exit_code == 3
    assert httpx.get(f"{scene.address}/api/v1/events").status_code == 401
