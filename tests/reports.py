"""Lines that tests have to say at the end of a run, also where they ran in several processes."""

from typing import Any

import pytest

_SAID = pytest.StashKey[list[str]]()
_SENT = "said"


def say(config: pytest.Config, lines: list[str]) -> None:
    """Show these below the result of the tests."""
    sent: dict[str, Any] | None = getattr(config, "workeroutput", None)
    kept = config.stash.setdefault(_SAID, []) if sent is None else sent.setdefault(_SENT, [])
    kept += lines


def receive(config: pytest.Config, output: dict[str, Any]) -> None:
    """Take what was said in another process of the run."""
    config.stash.setdefault(_SAID, []).extend(output.get(_SENT, []))


def said(config: pytest.Config) -> list[str]:
    """All that was said."""
    return config.stash.get(_SAID, [])
