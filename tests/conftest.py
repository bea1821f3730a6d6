"""Shows what tests have to say at the end, and ends what `tests.settings` started."""

from typing import Any

import pytest

from tests import reports, servers


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A process of the run has ended."""
    reports.receive(node.config, getattr(node, "workeroutput", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show it below the result of the tests."""
    lines = reports.said(config)
    if lines:
        terminalreporter.section("what the attacks did to this machine")
    for line in lines:
        terminalreporter.write_line(line)


def pytest_unconfigure(config: pytest.Config) -> None:
    servers.stop()
