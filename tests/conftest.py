"""What every test starts from and ends with: the database, what tests say at the end, the servers."""

from typing import Any

import pytest

from tests import emptying, reports, servers


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """A database that is soon empty again after a test."""
    emptying.prepare()


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
