"""An event that takes applications, and people who apply."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from heldout.accounts.models import User
from heldout.applications import actions
from heldout.applications.models import Application, Intake
from heldout.events.models import Event
from tests.heldout.factories import make_event, make_organizer

Apply = Callable[..., Application]


@pytest.fixture
def event() -> Event:
    event = make_event("trail")
    Intake.objects.create(event=event, opens_at=timezone.now() - timedelta(days=1))
    return event


@pytest.fixture
def organizer(event: Event) -> User:
    return make_organizer(event)


@pytest.fixture
def apply(event: Event) -> Apply:
    """Let somebody apply."""

    def applied(name: str, skill: int = 3, **facts: str) -> Application:
        email = facts.pop("email", f"{name.lower()}@example.org")
        actions.apply(event, {}, email=email, name=name, skill=skill, company=facts.get("company", ""))
        return Application.objects.latest("id")

    return applied
