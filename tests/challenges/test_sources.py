"""Where public data come from: the set-up step and what it says when it cannot do its work."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from challenges import sources
from challenges.sources import SourceError


@pytest.mark.usefixtures("prepared_data")
def test_fashion_mnist_has_seven_thousand_images_of_each_class() -> None:
    images, labels = sources.fashion_mnist()
    assert images.shape == (70_000, 28, 28)
    assert images.dtype == np.uint8
    assert np.bincount(labels).tolist() == [7000] * 10


@pytest.mark.usefixtures("prepared_data")
def test_fetching_twice_prints_one_line_and_changes_nothing() -> None:
    path = sources.data_folder() / sources.FILE
    before = path.stat().st_mtime_ns
    done = subprocess.run(
        [sys.executable, "-m", "challenges.sources", "fetch"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"Fashion-MNIST is in {path}\n"
    assert path.stat().st_mtime_ns == before


def test_missing_data_names_the_command_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELDOUT_DATA", str(tmp_path))
    with pytest.raises(SourceError, match=sources.FETCH):
        sources.fashion_mnist()


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_an_unreadable_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setenv("HELDOUT_DATA", str(tmp_path))
    (tmp_path / sources.FILE).write_bytes(content)
    with pytest.raises(SourceError, match="cannot be read"):
        sources.fashion_mnist()


def test_other_arrays_of_the_same_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELDOUT_DATA", str(tmp_path))
    np.savez(tmp_path / sources.FILE, images=np.zeros((2, 28, 28), np.uint8), labels=np.zeros(2, np.uint8))
    with pytest.raises(SourceError, match="found SHA-256"):
        sources.fashion_mnist()


def test_a_machine_that_cannot_fetch_says_so_in_a_sentence(tmp_path: Path) -> None:
    """A false apt-get stands for one without a network."""
    for program in ("apt-get", "dpkg-deb"):
        (tmp_path / program).write_text("#!/bin/sh\necho 'E: Unable to locate package' >&2\nexit 100\n")
        (tmp_path / program).chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-m", "challenges.sources", "fetch"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HELDOUT_DATA": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Fashion-MNIST could not be fetched: `apt-get ")
    assert "E: Unable to locate package" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_photographs_are_coloured_arrays_and_none_is_medical() -> None:
    photographs = sources.photographs()
    assert len(photographs) == len(sources.PHOTOGRAPHS) == 10
    assert all(photograph.dtype == np.uint8 and photograph.shape[2] == 3 for photograph in photographs)
    medical = {"retina.jpg", "ihc.png", "cell.png", "microaneurysms.png", "phantom.png"}
    assert not medical & set(sources.PHOTOGRAPHS)
