"""A team that hands something in, and faults of the machinery."""

from collections.abc import Iterator
from typing import Any

import pytest

from heldout import broadcast
from heldout.catalog.models import Challenge
from heldout.celery import app
from heldout.submissions.models import Submission
from heldout.teams.models import Team
from tests.heldout.factories import make_team
from tests.heldout.handing_in import inspected, make_challenge

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge()


@pytest.fixture
def team(challenge: Challenge) -> Team:
    return make_team(challenge.event)


@pytest.fixture
def submission(challenge: Challenge, team: Team) -> Submission:
    """One that is with a worker's queue."""
    return inspected(challenge, team)


@pytest.fixture
def broker_away(settings: Any) -> Iterator[None]:
    """Nobody answers where the broker should be."""
    reachable = app.conf.broker_url
    settings.REDIS_URL = NOWHERE
    _connect_to(NOWHERE)
    yield
    _connect_to(reachable)


def _connect_to(url: str) -> None:
    app.conf.update(broker_url=url, broker_write_url=url)
    # The app forgets the connections that it has, as it does in a new process.
    app._after_fork()  # type: ignore[attr-defined]
    broadcast.connection.cache_clear()
