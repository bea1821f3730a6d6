"""The agenda, open sessions that anybody may attend, and calendars."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from heldout.audit.models import AuditEntry
from heldout.events import agenda
from heldout.events.agenda_queries import event_of_feed, feed_token
from heldout.events.calendar import calendar
from heldout.events.models import Event, Registration, Session
from heldout.events.rules import Refusal
from tests.heldout.factories import make_event, make_organizer, make_participant
from tests.heldout.pages import inline_code, wears_our_look, words

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def event() -> Event:
    return make_event("gear", time_zone="Europe/Amsterdam", venue="A hut")


def made(event: Event, **fields: Any) -> Session:
    starts = fields.pop("starts_at", timezone.now() + timedelta(hours=2))
    defaults = {"title": "Community evening", "starts_at": starts, "ends_at": starts + timedelta(hours=1)}
    return agenda.add_session(event, None, **(defaults | fields))


@pytest.fixture
def evening(event: Event) -> Session:
    return made(event, is_open=True, capacity=1, speaker="Ada Lovelace", room="Hall", abstract="On engines.")


def link_in(number: int) -> str:
    found = re.search(r"http\S+(/open/cancel/\S+)", str(mail.outbox[number].body))
    assert found, mail.outbox[number].body
    return found[1]


def states(session: Session) -> list[tuple[str, bool]]:
    return [(r.email, r.waits) for r in session.registrations.filter(cancelled_at=None)]


def test_times_are_those_of_the_venue(client: Client, event: Event) -> None:
    made(event, title="Opening", starts_at=datetime(2031, 7, 1, 7, 0, tzinfo=UTC), room="Hall")
    made(event, title="Reveal", starts_at=datetime(2031, 7, 2, 22, 30, tzinfo=UTC))
    client.force_login(make_participant(event))
    response = client.get("/events/gear/agenda/")
    page = words(response)
    assert "Tuesday, 1 July 09:00 – 10:00 Opening Hall" in page  # noqa: RUF001
    assert "Thursday, 3 July 00:30" in page
    assert "data-moment" not in response.content.decode(), "a script would write the reader's own time"
    assert inline_code(response) == []
    assert wears_our_look(response)


def test_an_organizer_types_times_as_at_the_venue(client: Client, event: Event) -> None:
    client.force_login(make_organizer(event))
    form = {"title": "Opening", "starts_at": "2031-07-01T09:00", "ends_at": "2031-07-01T10:00"}
    assert client.post("/events/gear/agenda/new/", form).status_code == 302
    session = Session.objects.get()
    assert session.starts_at == datetime(2031, 7, 1, 7, tzinfo=UTC)
    address = f"/events/gear/agenda/{session.pk}/"
    assert 'value="2031-07-01T09:00"' in client.get(address).content.decode()
    client.post(address, form | {"title": "Welcome", "room": "Hall"})
    session.refresh_from_db()
    assert (session.title, session.room, session.starts_at.hour) == ("Welcome", "Hall", 7)
    client.post(f"{address}remove/")
    assert not Session.objects.exists()
    logged = AuditEntry.objects.filter(action__startswith="session.").order_by("pk")
    assert [entry.action for entry in logged] == ["session.added", "session.changed", "session.removed"]


def test_a_session_that_ends_before_it_starts_is_refused(client: Client, event: Event) -> None:
    client.force_login(make_organizer(event))
    form = {"title": "Opening", "starts_at": "2031-07-01T09:00", "ends_at": "2031-07-01T08:00"}
    assert "must end after it starts" in words(client.post("/events/gear/agenda/new/", form))
    with pytest.raises(Refusal, match="must end after it starts"):
        made(event, ends_at=timezone.now() - timedelta(days=1))


def test_anybody_registers_without_an_account(client: Client, evening: Session) -> None:
    address = f"/open/{evening.pk}/"
    page = client.get(address)
    assert "Ada Lovelace" in words(page)
    assert "Seats left 1 of 1" in words(page)
    assert inline_code(page) == []
    answer = words(client.post(address, {"name": "Grace", "email": "Grace@example.org"}))
    assert "Look into your mail" in answer
    assert states(evening) == [("grace@example.org", False)]
    assert mail.outbox[0].subject == "You have a seat: Community evening"
    assert mail.outbox[0].to == ["grace@example.org"]


def test_when_all_seats_are_taken_one_waits_and_moves_up(client: Client, evening: Session) -> None:
    for name in ("first", "second", "third"):
        client.post(f"/open/{evening.pk}/", {"name": name, "email": f"{name}@example.org"})
    assert [waits for _, waits in states(evening)] == [False, True, True]
    assert mail.outbox[1].subject == "You are on the waitlist: Community evening"
    cancel = link_in(0)
    assert "You have a seat." in words(client.get(cancel))
    assert states(evening)[0] == ("first@example.org", False), "looking at the link cancels nothing"
    assert "Your registration is cancelled" in words(client.post(cancel, follow=True))
    assert states(evening) == [("second@example.org", False), ("third@example.org", True)]
    assert (mail.outbox[3].to, mail.outbox[3].subject) == (
        ["second@example.org"],
        "You have a seat now: Community evening",
    )


def test_a_larger_room_seats_those_who_wait(event: Event, evening: Session) -> None:
    for name in ("first", "second", "third"):
        agenda.register(evening, name, f"{name}@example.org")
    agenda.change_session(evening, make_organizer(event), capacity=2)
    assert [waits for _, waits in states(evening)] == [False, False, True]
    agenda.change_session(evening, make_organizer(event), capacity=None)
    assert [waits for _, waits in states(evening)] == [False, False, False]


def test_registering_again_keeps_the_place_and_ends_the_old_link(client: Client, evening: Session) -> None:
    for _ in range(2):
        client.post(f"/open/{evening.pk}/", {"name": "Grace", "email": "grace@example.org"})
    assert states(evening) == [("grace@example.org", False)]
    assert client.get(link_in(0)).status_code == 404
    assert client.get(link_in(1)).status_code == 200


def test_whoever_cancelled_may_come_back(evening: Session) -> None:
    agenda.register(evening, "Grace", "grace@example.org")
    first = Registration.objects.get()
    agenda.cancel(first)
    with pytest.raises(Refusal, match="cancelled before"):
        agenda.cancel(first)
    agenda.register(evening, "Grace", "grace@example.org")
    assert states(evening) == [("grace@example.org", False)]


def test_a_removed_session_is_told_to_whoever_registered(event: Event, evening: Session) -> None:
    agenda.register(evening, "Grace", "grace@example.org")
    agenda.remove_session(evening, make_organizer(event))
    assert mail.outbox[1].subject == "It does not take place: Community evening"
    assert "/open/cancel/" not in str(mail.outbox[1].body)


def test_what_is_not_open_or_over_takes_nobody(client: Client, event: Event) -> None:
    closed = made(event)
    past = made(event, is_open=True, starts_at=timezone.now() - timedelta(hours=3))
    assert client.get(f"/open/{closed.pk}/").status_code == 404
    assert client.post(f"/open/{closed.pk}/", {"name": "a", "email": "a@example.org"}).status_code == 404
    with pytest.raises(Refusal, match="takes no registrations"):
        agenda.register(closed, "Grace", "grace@example.org")
    assert "Nobody can register any more" in words(client.get(f"/open/{past.pk}/"))
    with pytest.raises(Refusal, match="is over"):
        agenda.register(past, "Grace", "grace@example.org")


def test_one_address_is_not_flooded_with_mail(client: Client, evening: Session) -> None:
    form = {"name": "Grace", "email": "grace@example.org"}
    answers = [client.post(f"/open/{evening.pk}/", form).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    assert len(mail.outbox) == 5


def test_a_calendar_reads_the_agenda_without_signing_in(
    client: Client, event: Event, evening: Session
) -> None:
    person = make_participant(event)
    address = reverse("agenda_feed", args=[feed_token(event, person)])
    answer = client.get(address)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert f"UID:session-{evening.pk}@gear.heldout" in answer.content.decode()
    assert client.get(address.replace(".ics", "x.ics")).status_code == 404
    person.roles.all().delete()
    assert client.get(address).status_code == 404
    assert event_of_feed("made:up") is None


def test_an_open_session_has_a_calendar_of_its_own(client: Client, event: Event, evening: Session) -> None:
    made(event, title="Hidden")
    text = client.get(f"/open/{evening.pk}.ics").content.decode()
    assert "SUMMARY:Community evening" in text
    assert "Hidden" not in text


def test_a_calendar_is_what_rfc_5545_asks_for() -> None:
    event = Event(slug="gear", name="Gear, Trail", venue="A hut")
    start = datetime(2031, 7, 1, 7, tzinfo=UTC)
    session = Session(
        pk=7, title="Talk; or\nBEGIN:VEVENT", starts_at=start, ends_at=start + timedelta(hours=1),
        room="Hall", abstract="ä" * 60,
    )  # fmt: skip
    text = calendar(event, [session], start)
    lines = text.split("\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert lines.count("BEGIN:VEVENT") == 1
    assert "DTSTART:20310701T070000Z" in lines
    assert "SUMMARY:Talk\\; or\\nBEGIN:VEVENT" in lines
    assert "LOCATION:Hall\\, A hut" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "ä" * 60 in text.replace("\r\n ", "")
