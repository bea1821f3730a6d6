from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from heldout.events import actions
from heldout.events.models import Event, Invitation, RoleName
from heldout.events.rules import is_organizer
from tests.heldout.factories import make_event, make_organizer, make_user
from tests.heldout.pages import inline_code, wears_our_look, words

pytestmark = pytest.mark.django_db

FORM = {
    "name": "Gear & Trail",
    "time_zone": "Europe/Amsterdam",
    "starts_at": "2026-12-01T09:00",
    "ends_at": "2026-12-03T17:00",
    "team_size_limit": "4",
}

STATES = {"pending", "expired", "accepted", "revoked"}


@pytest.fixture
def event() -> Event:
    return make_event("gear")


@pytest.fixture
def organizer(client: Client, event: Event) -> object:
    user = make_organizer(event)
    client.force_login(user)
    return user


def test_a_new_event_gets_its_address_from_its_name_and_its_times_from_its_zone(client: Client) -> None:
    creator = make_user(is_staff=True)
    client.force_login(creator)
    response = client.post("/events/new/", FORM)
    assert response.headers["Location"] == "/events/gear-trail/invitations/"
    event = Event.objects.get()
    assert event.starts_at == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert event.teams_lock_at is None
    assert is_organizer(creator, event)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"slug": "gear"}, "taken"),
        ({"name": "山"}, "Write a short name"),
        ({"name": "New"}, "taken"),
        ({"time_zone": "Amsterdam"}, "Europe/Amsterdam"),
        ({"ends_at": "2026-12-01T09:00"}, "must end after"),
        ({"team_size_limit": "0"}, "greater than or equal to 1"),
        ({"starts_at": "tomorrow"}, "valid date"),
    ],
)
def test_a_faulty_form_creates_no_event_and_keeps_what_was_typed(
    client: Client, event: Event, change: dict[str, str], fault: str
) -> None:
    client.force_login(make_user(is_staff=True))
    response = client.post("/events/new/", FORM | {"venue": "Hall 7"} | change)
    assert fault in words(response)
    assert 'value="Hall 7"' in response.content.decode()
    assert Event.objects.count() == 1


def test_several_people_are_invited_at_once(
    client: Client,
    organizer: object,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(
            "/events/gear/invitations/",
            {"addresses": "a@x.org\nb@x.org, c@x.org", "role": "coach"},
            follow=True,
        )
    assert "Invited: a@x.org, b@x.org, c@x.org." in words(response)
    assert {letter.to[0] for letter in mail.outbox} == {"a@x.org", "b@x.org", "c@x.org"}
    assert set(Invitation.objects.values_list("role", flat=True)) == {"coach"}


def test_faults_are_shown_by_line_and_the_text_stays(client: Client, organizer: object) -> None:
    response = client.post("/events/gear/invitations/", {"addresses": "a@x.org\nnobody", "role": "coach"})
    assert "Line 2: “nobody” is not a mail address." in words(response)
    assert "a@x.org\nnobody</textarea>" in response.content.decode()
    assert not Invitation.objects.exists()


def test_a_role_that_does_not_exist_is_refused(client: Client, organizer: object) -> None:
    client.post("/events/gear/invitations/", {"addresses": "a@x.org", "role": "owner"})
    assert not Invitation.objects.exists()


def test_the_list_tells_the_state_of_each_invitation(client: Client, event: Event, organizer: object) -> None:
    assert "Nobody is invited yet" in words(client.get("/events/gear/invitations/"))
    with time_machine.travel(timezone.now() - timedelta(days=20)):
        actions.invite(event, "old@x.org", RoleName.COACH, None)
    ada = make_user("ada@x.org")
    actions.accept(actions.invite(event, ada.email, RoleName.COACH, None)[1], ada)
    actions.revoke(actions.invite(event, "gone@x.org", RoleName.COACH, None)[0], ada)
    actions.invite(event, "new@x.org", RoleName.COACH, None)
    text = words(client.get("/events/gear/invitations/"))
    expected = {
        "old@x.org": "expired",
        "ada@x.org": "accepted",
        "gone@x.org": "revoked",
        "new@x.org": "pending",
    }
    for address, state in expected.items():
        after = text.split(address, 1)[1]
        assert next(word for word in after.split() if word in STATES) == state
    assert "mail not sent" in text


def test_resending_and_revoking_from_the_list(client: Client, event: Event, organizer: object) -> None:
    invitation, _ = actions.invite(event, "ada@x.org", RoleName.COACH, None)
    before = invitation.token_digest
    address = f"/events/gear/invitations/{invitation.pk}"
    assert "on its way to ada@x.org" in words(client.post(f"{address}/resend/", follow=True))
    invitation.refresh_from_db()
    assert invitation.token_digest != before
    assert "no longer works" in words(client.post(f"{address}/revoke/", follow=True))
    assert "was withdrawn" in words(client.post(f"{address}/resend/", follow=True))
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None


def test_an_invitation_of_another_event_is_out_of_reach(client: Client, organizer: object) -> None:
    invitation, _ = actions.invite(make_event(), "ada@x.org", RoleName.COACH, None)
    for change in ("resend", "revoke"):
        assert client.post(f"/events/gear/invitations/{invitation.pk}/{change}/").status_code == 404
    invitation.refresh_from_db()
    assert invitation.revoked_at is None


def test_pages_wear_our_look(client: Client, event: Event, organizer: object) -> None:
    actions.invite(event, "ada@x.org", RoleName.COACH, None)
    for address in ("/events/new/", "/events/gear/invitations/"):
        response = client.get(address)
        assert wears_our_look(response)
        assert inline_code(response) == []
