"""The projector shows boards, points, agenda and countdown, and never more than the hall may know."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from heldout.events import agenda
from heldout.leaderboards import ending
from heldout.notices.actions import announce
from tests.heldout.factories import make_organizer, make_team
from tests.heldout.handing_in import make_challenge, scored
from tests.heldout.leaderboards.test_freezing import signed_in
from tests.heldout.pages import inline_code, words

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_shows_what_there_is_and_stands_still_with_the_boards() -> None:
    challenge = make_challenge(title="Into the deep", quota_per_day=100)
    event, team = challenge.event, make_team(challenge.event, "Cairn")
    organizer = make_organizer(event)
    scored(challenge, team, 0.85)
    now = timezone.now()
    soon = {"starts_at": now + timedelta(hours=1), "ends_at": now + timedelta(hours=2)}
    agenda.add_session(event, None, title="Leaks and luck", room="Hall", speaker="Ada", **soon)
    announce(event, organizer, title="Lunch is *here*", body="In the **hall**.", audience="all")
    announce(event, organizer, title="For coaches alone", body="", audience="coaches")
    client, address = signed_in(organizer), reverse("screen", args=[event.slug])
    page = client.get(address)
    for said in (
        "Into the deep",
        "Cairn",
        "0.85",
        "Leaks and luck",
        "Ends in",
        "Event board",
        "100",
        "Lunch is *here*",
    ):
        assert said in words(page)
    assert "<strong>hall</strong>" in page.content.decode()
    slides = page.content.decode().partition('id="slides"')[2]
    assert "For coaches alone" not in slides
    assert inline_code(page) == []
    ending.freeze(event, organizer)
    scored(challenge, team, 0.97)
    assert "0.97" not in words(client.get(address)) and "Frozen since" in words(client.get(address))


def test_an_event_without_anything_has_a_screen_too() -> None:
    challenge = make_challenge(opened=False)
    page = signed_in(make_organizer(challenge.event)).get(reverse("screen", args=[challenge.event.slug]))
    assert "Nothing more is on the agenda." in words(page)
