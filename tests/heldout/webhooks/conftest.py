from collections.abc import Iterator
from typing import Any

import pytest

from heldout.catalog.models import Challenge
from heldout.teams.models import Team
from tests.heldout.factories import make_team
from tests.heldout.handing_in import make_challenge
from tests.heldout.webhooks.receiver import Receiver, receiving


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """On this machine, which only those may call who develop."""
    settings.DEBUG = True
    with receiving() as found:
        yield found


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge(quota_per_day=100)


@pytest.fixture
def team(challenge: Challenge) -> Team:
    return make_team(challenge.event, "Cairn")
