"""Zips of a small bundle, sound or spoilt."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from challenges import bundle
from challenges.cli import app

Zipped = Callable[..., bytes]


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle on boots, as `heldout bundle new` writes it."""
    folder = tmp_path_factory.mktemp("authoring") / "boots"
    options = ["--title", "Boots", "--size", "8x8", "--defaults"]
    assert CliRunner().invoke(app, ["new", str(folder), *options]).exit_code == 0
    return folder


@pytest.fixture
def zipped(written: Path, tmp_path: Path) -> Zipped:
    """The bundle as a zip; texts of its manifest can be replaced, by pairs of old and new."""

    def made(*replaced: tuple[str, str]) -> bytes:
        path = written / "challenge.toml"
        sound = path.read_text()
        text = sound
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        path.write_text(text)
        try:
            bundle.pack(written, tmp_path / "boots.zip")
        finally:
            path.write_text(sound)
        return (tmp_path / "boots.zip").read_bytes()

    return made
