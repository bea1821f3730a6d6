"""Where the client keeps an account, and to whom it tells the token."""

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from heldout_client import account
from heldout_client.account import Account, NotSignedIn
from heldout_client.main import app


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv(account.SITE, raising=False)
    monkeypatch.delenv(account.TOKEN, raising=False)
    return tmp_path


def test_a_kept_account_is_for_its_owner_alone() -> None:
    place = account.keep(Account("https://a.example", "hld_1"))
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert account.known() == Account("https://a.example", "hld_1")
    assert account.forget() and not account.forget()


def test_without_an_account_the_way_to_get_one_is_told() -> None:
    with pytest.raises(NotSignedIn, match="heldout login ADDRESS"):
        account.known()
    assert CliRunner().invoke(app, ["bundle", "publish", ".", "--event", "e"]).exit_code == 3


def test_a_token_of_one_site_is_never_told_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    account.keep(Account("https://a.example", "hld_1"))
    monkeypatch.setenv(account.SITE, "https://b.example")
    with pytest.raises(NotSignedIn, match="HELDOUT_TOKEN"):
        account.known()


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "no address", "ftp://a.example"])
def test_an_address_where_no_site_is_keeps_nothing(address: str) -> None:
    done = CliRunner().invoke(app, ["login", address, "--token", "hld_1"])
    assert done.exit_code == 4
    assert not account.file().exists()
