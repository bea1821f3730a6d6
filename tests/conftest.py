"""Shares tests among processes, shows what they have to say, and ends what `tests.settings` started."""

from typing import Any

import pytest

from tests import reports, servers


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where a run has several processes, a file's tests share one, and all that need the demo do."""
    for item in items:
        name = "end_to_end" if "end_to_end" in item.path.parts else str(item.path)
        item.add_marker(pytest.mark.xdist_group(name))


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
