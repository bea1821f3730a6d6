"""A folder to type commands in: what the pages speak of lies there."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.challenges.importers.conftest import (  # noqa: F401 - fixtures
    coco,
    drawn_photographs,
    masked,
    photographs,
    products,
    readings,
)
from tests.docs.blocks import Command, commands
from tests.docs.rules import RULES

Typed = Callable[..., subprocess.CompletedProcess[str]]


def written(text: str) -> Command:
    """The command of that text, which a page must have."""
    found = [command for command in commands(frozenset(RULES)) if command.text == text]
    assert found, f"no page says: {text}"
    return found[0]


@pytest.fixture
def typed(tmp_path: Path) -> Typed:
    """Type a command of the documentation as it stands there, but for the names in `instead`."""
    bin_folder = Path(sys.executable).parent
    environment = {
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "HELDOUT_VAR": str(tmp_path / "var"),
        "HELDOUT_SECRET_KEY": "only-for-the-tests-of-the-documentation-0",
        "DJANGO_SETTINGS_MODULE": "heldout.settings",
        "COLUMNS": "200",
    }
    (tmp_path / "home").mkdir()

    def run(
        text: str, instead: Mapping[str, object] | None = None, code: int = 0, log: str = "", **settings: str
    ) -> subprocess.CompletedProcess[str]:
        words = list(written(text).words)
        for said, meant in (instead or {}).items():
            words = [word.replace(said, str(meant)) for word in words]
        done = subprocess.run(
            words,
            cwd=tmp_path,
            env=environment | settings,
            input=log,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"{text}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done

    return run
