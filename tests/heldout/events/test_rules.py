import pytest
from django.contrib.auth.models import AnonymousUser

from heldout.events.models import RoleName
from heldout.events.rules import is_organizer, may_create_event, may_see, role_of
from tests.heldout.factories import (
    make_coach,
    make_event,
    make_organizer,
    make_participant,
    make_superuser,
    make_user,
)

pytestmark = pytest.mark.django_db


def test_a_role_counts_in_its_own_event_only() -> None:
    here, elsewhere = make_event(), make_event()
    coach = make_coach(here)
    assert role_of(coach, here) == RoleName.COACH
    assert role_of(coach, elsewhere) is None
    assert not may_see(coach, elsewhere)


def test_strangers_and_the_signed_out_see_nothing() -> None:
    event = make_event()
    for viewer in (AnonymousUser(), make_user(), make_user(is_staff=True)):
        assert not may_see(viewer, event)
        assert not is_organizer(viewer, event)


def test_who_runs_the_site_organizes_every_event_until_the_account_is_closed() -> None:
    event, operator = make_event(), make_superuser()
    assert is_organizer(operator, event)
    operator.is_active = False
    assert not is_organizer(operator, event)


def test_only_staff_and_organizers_may_create_events() -> None:
    event = make_event()
    assert may_create_event(make_organizer(event))
    assert may_create_event(make_user(is_staff=True))
    for viewer in (AnonymousUser(), make_user(), make_participant(event), make_coach(event)):
        assert not may_create_event(viewer)
