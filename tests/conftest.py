"""Ends what `tests.settings` started."""

import pytest

from tests import servers


def pytest_unconfigure(config: pytest.Config) -> None:
    servers.stop()
