"""Days and times are those of the venue, and none that no database can keep."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from heldout.events.actions import invite
from heldout.events.models import Event, RoleName
from tests.heldout.factories import make_event, make_organizer, make_superuser
from tests.heldout.pages import words

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def early() -> Event:
    """It begins and ends in Auckland's morning, when it is the day before in UTC."""
    return make_event(
        time_zone="Pacific/Auckland",
        starts_at=datetime(2031, 3, 9, 20, tzinfo=UTC),
        ends_at=datetime(2031, 3, 12, 20, tzinfo=UTC),
    )


def test_the_mail_of_an_invitation_names_the_days_of_the_venue(early: Event) -> None:
    invite(early, "ada@example.org", RoleName.PARTICIPANT, None)
    letter = cast(mail.EmailMultiAlternatives, mail.outbox[0])
    for body in (str(letter.body), str(letter.alternatives[0][0])):
        assert "10 March 2031 to 13 March 2031" in body


def test_the_page_of_an_invitation_names_the_days_of_the_venue(early: Event) -> None:
    _, token = invite(early, "ada@example.org", RoleName.PARTICIPANT, None)
    page = words(Client().get(reverse("invitation_accept", args=[token])))
    assert "Mon 10 Mar to Thu 13 Mar" in page


def test_the_list_of_events_names_the_days_of_each_venue(early: Event) -> None:
    client = Client()
    client.force_login(make_superuser())
    assert "Mon 10 Mar to Thu 13 Mar" in words(client.get(reverse("home")))


def _create(**fields: Any) -> Any:
    client = Client(raise_request_exception=False)
    client.force_login(make_superuser())
    form = {
        "name": "Winter School", "time_zone": "Asia/Tokyo", "team_size_limit": 4,
        "starts_at": "2031-03-10T09:00", "ends_at": "2031-03-12T17:00",
    }  # fmt: skip
    return client.post(reverse("event_new"), form | fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"starts_at": "0001-01-01T00:00"},
        {"ends_at": "9999-12-31T23:59", "time_zone": "America/Los_Angeles"},
        {"teams_lock_at": "0001-01-01T00:00"},
    ],
)
def test_years_that_no_event_is_in_are_refused(fields: dict[str, str]) -> None:
    response = _create(**fields)
    assert response.status_code == 200
    assert "between the years 2000 and 2100" in words(response)


def test_addresses_that_are_too_long_are_refused() -> None:
    event = make_event()
    client = Client(raise_request_exception=False)
    client.force_login(make_organizer(event))
    address = f"{'a' * 60}@{'.'.join(['b' * 60] * 4)}.org"
    page = client.post(reverse("invitations", args=[event.slug]), {"addresses": address, "role": "coach"})
    assert "is not a mail address" in words(page)
    assert not event.invitations.exists()


def test_an_invitation_says_until_when_in_the_time_of_the_venue(early: Event) -> None:
    invitation, _ = invite(early, "ada@example.org", RoleName.PARTICIPANT, None)
    until = invitation.expires_at.astimezone(early.zone)
    assert f"until {until.day} {until:%B %Y}" in str(mail.outbox[0].body)
