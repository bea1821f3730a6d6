"""Downloads: whole or not at all, going on where they stopped."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from heldout_client import account
from heldout_client.account import Account
from heldout_client.datafiles import DataFile, Spoiled
from tests.client.conftest import Scene, document, give, heldout
from tests.client.unsteady import Fault, Way, unsteady

CONTENT = os.urandom(300_000)


@pytest.fixture(autouse=True)
def given(scene: Scene) -> None:
    """The challenge gives a file."""
    give(scene.challenge, CONTENT)


@pytest.fixture
def way(scene: Scene) -> Iterator[Way]:
    """A way to the site that fails as it is told to."""
    with unsteady(scene.address) as found:
        account.keep(Account(found.address, scene.token))
        yield found


def name_of(scene: Scene) -> str:
    [told] = document("data", "list")
    return str(told["name"])


def ranges(way: Way) -> list[str]:
    """The pieces of the file that were asked for."""
    return [headers.get("range", "") for _, path, headers in way.asked if "challenges/" in path][1:]


def test_files_are_listed_with_size_and_digest(scene: Scene) -> None:
    [told] = document("data", "list", scene.event, scene.challenge.slug)
    assert (told["size"], told["digest"]) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert told["digest"] in heldout("data", "list").stdout


def test_files_are_brought_and_checked_and_left_alone_the_next_time(scene: Scene) -> None:
    [first] = document("data", "get", scene.event, scene.challenge.slug, "--to", "here/there")
    assert first["what"] == "downloaded"
    assert Path(first["path"]).read_bytes() == CONTENT
    [again] = document("data", "get", scene.challenge.slug, "--to", "here/there")
    assert again == {"path": first["path"], "what": "there"}
    assert [path.name for path in Path("here/there").iterdir()] == [Path(first["path"]).name]


def test_a_cut_download_goes_on_where_it_stopped(scene: Scene, way: Way) -> None:
    way.ahead.extend([Fault("cut", after=10**9), Fault("cut", after=100_000), Fault("cut", after=50_000)])
    [told] = document("data", "get")
    assert Path(told["path"]).read_bytes() == CONTENT
    assert ranges(way) == ["", "bytes=100000-", "bytes=150000-"]


def test_what_came_before_the_program_ended_is_not_asked_for_again(scene: Scene, way: Way) -> None:
    way.ahead.append(Fault("cut", after=10**9))
    way.ahead.append(Fault("cut", after=100_000))
    way.ahead.extend([Fault("cut", after=0)] * 10)
    done = heldout("data", "get")
    assert done.exit_code == 4
    assert "100,000 of 300,000 bytes are here. The same command goes on from there." in done.stderr
    way.ahead.clear()
    way.asked.clear()
    [told] = document("data", "get")
    assert Path(told["path"]).read_bytes() == CONTENT
    assert ranges(way) == ["bytes=100000-"]


def test_a_busy_site_is_asked_again(scene: Scene, way: Way) -> None:
    way.ahead.extend([Fault("busy", 503), Fault("busy", 429)])
    assert document("data", "get")[0]["what"] == "downloaded"


def test_pieces_that_do_not_fit_together_are_thrown_away(scene: Scene) -> None:
    digest = hashlib.sha256(CONTENT).hexdigest()
    name = name_of(scene)
    part = Path(f".{name}.{digest[:16]}.part")
    part.write_bytes(b"x" * 1000)
    done = heldout("data", "get")
    assert done.exit_code == 1 and "another SHA-256" in done.stderr
    assert document("data", "get")[0]["what"] == "downloaded"
    assert Path(name).read_bytes() == CONTENT and not part.exists()


def test_a_file_of_ones_own_is_never_written_over_unasked(scene: Scene) -> None:
    name = name_of(scene)
    Path(name).write_text("mine")
    done = heldout("data", "get")
    assert done.exit_code == 1 and "give --replace" in done.stderr
    assert Path(name).read_text() == "mine"
    assert heldout("data", "get", "--replace").exit_code == 0
    assert Path(name).read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", "a/b", "a\\b", "..", ".", "a\x00b", "a\x1bb"])
def test_a_name_that_leaves_the_folder_is_refused(name: str) -> None:
    with pytest.raises(Spoiled, match="without folders"):
        DataFile.of({"name": name, "size": 1, "digest": "0" * 64, "url": "/"})


def test_a_folder_that_cannot_be_written_is_told(scene: Scene) -> None:
    Path("taken").write_text("a file")
    done = heldout("data", "get", "--to", "taken")
    assert done.exit_code == 1 and "taken" in done.stderr


def test_the_token_is_told_to_the_site_alone(scene: Scene, way: Way) -> None:
    with unsteady(scene.address) as elsewhere:
        with scene.site.opened(f"{elsewhere.address}/livez", {}) as response:
            response.read()
        with scene.site.opened("/livez", {}) as response:
            own = response.request.headers
    assert "authorization" not in elsewhere.asked[0][2]
    assert own["authorization"] == f"Bearer {scene.token}"
