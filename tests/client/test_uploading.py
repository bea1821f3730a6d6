"""The client's upload against the real web server, folder and bucket: cut, ended midway, refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.cutting import cutting_proxy
from bench.upload import MEBIBYTE, Running, cut_upload, running, warm_up, write_file
from heldout_client import uploading
from heldout_client.account import Account
from heldout_client.api import Refused, Site, Unreachable
from heldout_client.uploading import upload
from tests import servers

SIZE = 40 * MEBIBYTE
CUTS = 5
MOST_GROWTH = 50 * MEBIBYTE


@pytest.fixture(scope="module", params=["folder", "bucket"])
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A site with a store of each kind."""
    folder = tmp_path_factory.mktemp("site")
    settings = {}
    if request.param == "bucket":
        settings = {**servers.object_store(), "HELDOUT_STORE": servers.new_place()}
    with pytest.MonkeyPatch.context() as patch, running(folder, settings) as site:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        warm_up(site, folder)
        yield site


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "LONGEST_PAUSE_SECONDS", 0.05)


def test_a_file_arrives_whole_through_a_network_that_is_cut_and_the_server_stays_small(
    found: Running, tmp_path: Path
) -> None:
    digest = write_file(tmp_path / "model.bin", SIZE)
    figures = cut_upload(found, tmp_path / "model.bin", digest, CUTS)
    assert (figures["cuts"], figures["digest_equal"]) == (CUTS, True)
    assert figures["growth_bytes"] < MOST_GROWTH
    # What came before a cut is kept: far less is sent again than the pieces that were cut.
    assert figures["sent_twice_bytes"] < SIZE / 2


class Ended(Exception):
    """Somebody ends the program."""


def test_the_program_goes_on_with_what_an_earlier_start_began(
    found: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "PIECE_BYTES", MEBIBYTE)
    file = tmp_path / "model.bin"
    digest = write_file(file, 4 * MEBIBYTE)

    def end_midway(sent: int, size: int) -> None:
        if sent >= 2 * MEBIBYTE:
            raise Ended

    with pytest.raises(Ended):
        upload(found.site(), found.event, found.challenge, file, end_midway)
    heard: list[tuple[int, int]] = []
    upload_id = upload(
        found.site(), found.event, found.challenge, file, lambda sent, size: heard.append((sent, size))
    )
    assert heard == [(number * MEBIBYTE, 4 * MEBIBYTE) for number in (2, 3, 4)]
    assert found.hand_in(upload_id)["digest"] == digest


def test_what_was_handed_in_is_sent_anew_when_it_is_wanted_again(
    found: Running, tmp_path: Path, hurried: None
) -> None:
    write_file(tmp_path / "model.bin", 1000)
    first = upload(found.site(), found.event, found.challenge, tmp_path / "model.bin")
    found.hand_in(first)
    second = upload(found.site(), found.event, found.challenge, tmp_path / "model.bin")
    assert second != first
    assert found.hand_in(second)["number"] > 1


def test_a_refusal_is_told_in_the_sites_own_words(found: Running, tmp_path: Path) -> None:
    (tmp_path / "empty.bin").touch()
    with pytest.raises(Refused, match="The file is empty"):
        upload(found.site(), found.event, found.challenge, tmp_path / "empty.bin")


def test_a_token_that_will_not_do_is_told_at_once(found: Running, tmp_path: Path) -> None:
    write_file(tmp_path / "model.bin", 1000)
    stranger = Site(Account(found.site().account.site, "hld_wrong"))
    with pytest.raises(Refused, match="Not signed in"):
        upload(stranger, found.event, found.challenge, tmp_path / "model.bin")


def test_a_network_that_lets_nothing_through_is_given_up(
    found: Running, tmp_path: Path, hurried: None
) -> None:
    write_file(tmp_path / "model.bin", 1000)
    with cutting_proxy(found.port, [1] * 100) as proxy, pytest.raises(Unreachable, match="Start again"):
        upload(found.site(proxy.port), found.event, found.challenge, tmp_path / "model.bin")
