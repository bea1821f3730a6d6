"""The demo event around its scoring: its agenda, its gates, and what its coach does."""

from datetime import time, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from challenges.bundle import built_in
from heldout.catalog.admissions import team_admission
from heldout.catalog.models import Gate, SignOff
from heldout.coaching.models import HelpCall
from heldout.demo import programme, story
from heldout.events.models import Event, Registration
from tests.heldout.factories import make_coach, make_event, make_team
from tests.heldout.handing_in import make_challenge

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def event() -> Event:
    """On its second day, as the demo's is."""
    return make_event("demo", starts_at=timezone.now() - timedelta(days=1), time_zone="Europe/Amsterdam")


def test_the_agenda_has_three_days_and_an_open_evening_on_the_first(event: Event) -> None:
    programme.make_agenda(event)
    days = {session.starts_at.astimezone(event.zone).date() for session in event.sessions.all()}
    assert len(days) == 3
    evening = event.sessions.filter(is_open=True).earliest("starts_at")
    assert evening.starts_at.astimezone(event.zone).date() == min(days)
    assert evening.speaker
    assert evening.abstract
    assert evening.capacity


def test_guests_have_registered_by_mail_for_a_session_to_come(event: Event) -> None:
    programme.make_agenda(event)
    assert Registration.objects.count() == len(mail.outbox) == len(story.GUESTS)
    assert Registration.objects.filter(session__ends_at__gt=timezone.now()).count() == len(story.GUESTS)


def test_done_twice_it_adds_nothing(event: Event) -> None:
    coach = make_coach(event)
    for name in ("Cairn", "Ridge Runners"):
        make_team(event, name, coach=coach)
    for planned in story.CHALLENGES:
        programme.add_gates(make_challenge(event, slug=planned.bundle), planned)
    for _ in range(2):
        programme.make_agenda(event)
        programme.coach(event)
    assert event.sessions.count() == len(story.AGENDA)
    assert HelpCall.objects.count() == len(story.RAISED)
    assert SignOff.objects.count() == len(story.SIGNED_OFF)


def test_every_bundle_of_the_story_is_there_and_waits_only_for_earlier_ones() -> None:
    names = [planned.bundle for planned in story.CHALLENGES]
    assert set(names) <= {folder.name for folder in built_in()}
    for number, planned in enumerate(story.CHALLENGES):
        assert {way.after for way in planned.ways if way.after} <= set(names[:number])


def test_the_teams_of_the_story_can_hand_in_what_they_do(event: Event) -> None:
    teams = {name: make_team(event, name) for name in {entry.team for entry in story.ENTRIES}}
    challenges = {planned.bundle: make_challenge(event, slug=planned.bundle) for planned in story.CHALLENGES}
    for planned in story.CHALLENGES:
        programme.add_gates(challenges[planned.bundle], planned)
    assert Gate.objects.exists()
    for entry in story.ENTRIES:
        assert team_admission(challenges[entry.bundle], teams[entry.team]).admitted, entry


def test_times_are_clocks_of_the_venue(event: Event) -> None:
    moment = programme.at(event, 2, time(9, 30)).astimezone(event.zone)
    assert (moment.hour, moment.minute) == (9, 30)
    assert moment.date() == (event.starts_at.astimezone(event.zone) + timedelta(days=1)).date()


def test_a_demo_of_some_challenges_waits_for_none_that_is_left_out() -> None:
    [alone] = story.challenges(["numbers-too"])
    assert {way.after for way in alone.ways} == {""}
    assert len(story.challenges()) == len(story.CHALLENGES)
