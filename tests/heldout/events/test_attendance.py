"""Checking people in at the door of an open session."""

import csv
import io
import re
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from heldout.audit.models import AuditEntry
from heldout.events import agenda, ticket
from heldout.events import attendance as door
from heldout.events.models import Event, Registration, Session
from heldout.events.rules import Refusal
from tests.heldout.factories import make_coach, make_event, make_organizer, make_participant
from tests.heldout.pages import inline_code, words
from tests.heldout.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def event() -> Event:
    return make_event("gear", time_zone="Europe/Amsterdam")


@pytest.fixture
def talk(event: Event) -> Session:
    starts = timezone.now() + timedelta(hours=2)
    return agenda.add_session(
        event,
        None,
        title="Talk",
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
        is_open=True,
        capacity=2,
    )


def registered(session: Session, name: str = "Grace") -> Registration:
    agenda.register(session, name, f"{name.split(maxsplit=1)[0].strip('=').lower()}@example.org")
    return Registration.objects.select_related("session__event").latest("pk")


def address(registration: Registration) -> str:
    return ticket.address_of(registration).removeprefix(settings.PUBLIC_URL)


def state(registration: Registration) -> Any:
    return Registration.objects.get(pk=registration.pk).checked_in_at


def test_the_mail_leads_to_a_page_with_the_code_for_the_door(client: Client, talk: Session) -> None:
    registered(talk)
    body = str(mail.outbox[0].body)
    assert "code for the door" in body
    link = re.search(r"http\S+(/open/cancel/\S+)", body)
    assert link
    page = client.get(link[1])
    assert 'role="img" aria-label="Your code for the door"><svg' in page.content.decode()
    assert inline_code(page) == []


def test_whoever_waits_or_has_cancelled_has_no_code(client: Client, talk: Session) -> None:
    for name in ("Ada", "Grace", "Ida"):
        waits = registered(talk, name)
    assert not ticket.is_good(waits)
    assert "code for the door" not in str(mail.outbox[2].body)
    first = Registration.objects.select_related("session__event").earliest("pk")
    agenda.cancel(first)
    first.refresh_from_db()
    assert not ticket.is_good(first)


def test_the_code_is_of_one_registration_and_cannot_be_guessed(event: Event, talk: Session) -> None:
    mine = registered(talk)
    code = ticket.code_of(mine)
    assert ticket.registration_with(code, event) == mine
    assert ticket.registration_with(code, make_event()) is None
    assert ticket.registration_with(str(mine.pk), event) is None
    assert ticket.registration_with(code[:-1] + ("a" if code[-1] != "a" else "b"), event) is None


def test_a_coach_scans_and_checks_in_with_one_tap(client: Client, event: Event, talk: Session) -> None:
    grace = registered(talk)
    client.force_login(make_coach(event))
    page = client.get(address(grace))
    assert "Grace" in words(page)
    assert "Talk" in words(page)
    assert state(grace) is None, "looking at the code checks nobody in"
    page = client.post(address(grace), follow=True)
    assert "Checked in at" in words(page)
    first = state(grace)
    client.post(address(grace))
    assert state(grace) == first
    assert AuditEntry.objects.filter(action="session.checked_in", event_slug="gear").count() == 1


def test_people_of_the_event_who_are_not_its_crew_see_no_door(
    client: Client, event: Event, talk: Session
) -> None:
    grace = registered(talk)
    for user in (make_participant(event), make_organizer(make_event())):
        client.force_login(user)
        assert client.get(address(grace)).status_code == 404
        assert client.post(address(grace)).status_code == 404
        assert client.get(f"/events/gear/attendance/{talk.pk}/").status_code == 404
    assert state(grace) is None


def test_a_code_tells_that_the_seat_was_given_back_or_is_none_yet(
    client: Client, event: Event, talk: Session
) -> None:
    gone, _, waits = (registered(talk, name) for name in ("Ada", "Grace", "Ida"))
    other = registered(talk, "Joan")
    client.force_login(make_organizer(event))
    assert "On the waitlist" in words(client.get(address(waits)))
    assert "Ida is on the waitlist." in words(client.post(address(waits), follow=True))
    agenda.cancel(gone)
    assert "The registration is cancelled" in words(client.get(address(gone)))
    assert "Ada has cancelled." in words(client.post(address(gone), follow=True))
    assert [state(each) for each in (gone, other)] == [None, None]
    client.post(address(waits))
    assert state(waits) is not None, "who moved up has a seat"


def test_the_list_counts_finds_checks_in_and_takes_it_back(
    client: Client, event: Event, talk: Session
) -> None:
    grace, ada = registered(talk, "Grace"), registered(talk, "Ada")
    organizer = make_organizer(event)
    client.force_login(organizer)
    base = f"/events/gear/attendance/{talk.pk}/"
    page = client.get(base)
    assert "0 of 2 are here" in words(page)
    assert inline_code(page) == []
    found = client.get(f"{base}?q=GRA")
    assert ("Grace" in words(found), "Ada" in words(found)) == (True, False)
    assert "Nobody is called so" in words(client.get(f"{base}?q=zzz"))
    answer = client.post(f"{base}{grace.pk}/check-in/", {"q": "gra"})
    assert answer.headers["Location"] == f"{base}?q=gra"
    assert "1 of 2 are here" in words(client.get(base))
    client.post(f"{base}{grace.pk}/undo/")
    assert "0 of 2 are here" in words(client.get(base))
    with pytest.raises(Refusal, match="not checked in"):
        door.undo_check_in(ada, organizer)
    actions = AuditEntry.objects.filter(target_type="events.registration").order_by("pk")
    assert [entry.action for entry in actions] == ["session.checked_in", "session.check_in_undone"]


def test_the_list_asks_the_database_as_often_for_many_as_for_few(
    client: Client, event: Event, talk: Session
) -> None:
    agenda.change_session(talk, make_organizer(event), capacity=None)
    client.force_login(make_organizer(event))
    base = f"/events/gear/attendance/{talk.pk}/"

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(base)
        return len(asked)

    door.check_in(registered(talk, "Ada"), make_coach(event))
    few = queries()
    for number in range(5):
        door.check_in(registered(talk, f"Ada{number}"), make_coach(event))
    assert queries() == few


def test_a_seat_that_is_taken_is_not_given_back(talk: Session, event: Event) -> None:
    grace = registered(talk)
    door.check_in(grace, make_coach(event))
    with pytest.raises(Refusal, match="checked in already"):
        agenda.cancel(grace)
    assert Registration.objects.get().cancelled_at is None


def test_attendance_goes_into_a_spreadsheet_where_no_name_is_a_formula(
    client: Client, event: Event, talk: Session
) -> None:
    grace = registered(talk, "=HYPERLINK(1)")
    organizer = make_organizer(event)
    door.check_in(grace, organizer)
    client.force_login(organizer)
    response = client.get(f"/events/gear/attendance/{talk.pk}/attendance.csv")
    [row] = csv.DictReader(io.StringIO(response.content.decode()))
    assert row["name"] == "'=HYPERLINK(1)"
    assert (row["state"], row["checked_in_by"]) == ("seat", str(organizer))
    assert row["checked_in_at"]


def test_names_are_escaped_at_the_door(client: Client, event: Event, talk: Session) -> None:
    mallory = registered(talk, "<b>Mallory</b>")
    client.force_login(make_organizer(event))
    for page in (client.get(address(mallory)), client.get(f"/events/gear/attendance/{talk.pk}/")):
        assert "<b>Mallory" not in page.content.decode()
        assert "&lt;b&gt;Mallory" in page.content.decode()


def test_two_who_scan_one_code_at_once_check_in_once(event: Event, talk: Session) -> None:
    grace = registered(talk)
    outcomes = at_once([partial(door.check_in, grace, make_coach(event)) for _ in range(4)])
    assert sorted(map(bool, outcomes)) == [False, False, False, True]
    assert AuditEntry.objects.filter(action="session.checked_in").count() == 1
