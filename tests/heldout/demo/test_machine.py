import shutil
import socket
from collections import namedtuple
from pathlib import Path

import pytest

from heldout.demo.machine import (
    MachineLacks,
    free_port,
    require_alone,
    require_bundles,
    require_folder,
    require_port,
)

Usage = namedtuple("Usage", "total used free")


def test_a_port_in_use_is_named_with_a_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(MachineLacks, match=rf"Port {port} is in use.*make demo PORT={port + 1}"):
            require_port(port)


def test_a_challenge_that_is_unknown_is_named_beside_those_that_there_are() -> None:
    require_bundles(["first-steps"])
    with pytest.raises(MachineLacks, match=r"found sailing; expected any of .*first-steps"):
        require_bundles(["first-steps", "sailing"])


def test_a_free_port_is_accepted() -> None:
    require_port(free_port())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    with pytest.raises(MachineLacks, match=r"file/var cannot be written .*HELDOUT_VAR="):
        require_folder(in_the_way / "var")


def test_too_little_disk_says_how_much_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 5_000_000))
    with pytest.raises(MachineLacks, match="has 5 MB free; the demo needs 1000 MB"):
        require_folder(tmp_path)


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    with require_alone(tmp_path / "lock"), pytest.raises(MachineLacks, match="already runs"):
        require_alone(tmp_path / "lock")
    require_alone(tmp_path / "lock").close()
