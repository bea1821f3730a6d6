"""The words of an event's mails, which organizers may change."""

from dataclasses import replace

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from heldout.audit.models import AuditEntry
from heldout.events import actions, wording
from heldout.events.models import Event, RoleName, Wording
from heldout.events.rules import Refusal
from heldout.events.wording_kinds import KINDS
from heldout.events.wording_text import faults, write
from tests.heldout.factories import make_event, make_organizer, make_user
from tests.heldout.pages import inline_code, words

pytestmark = pytest.mark.django_db(transaction=True)
INVITATION = KINDS["invitation"]
LINK = "https://heldout.example/link-of-their-own/"


@pytest.fixture
def event() -> Event:
    return make_event("gear", name="Gear")


def html_of(number: int) -> str:
    message = mail.outbox[number]
    assert isinstance(message, EmailMultiAlternatives)
    [(content, kind)] = message.alternatives
    assert kind == "text/html"
    return str(content)


@pytest.mark.parametrize("name", KINDS)
def test_first_words_have_no_fault_and_leave_no_placeholder(name: str) -> None:
    kind = KINDS[name]
    assert faults(kind, kind.subject, kind.body) == {}
    written = wording.example(name, kind.subject, kind.body)
    assert "{{" not in written.subject + written.text + written.html
    assert "**" not in written.text
    assert (LINK in written.text, LINK in written.html) == (bool(kind.button), bool(kind.button))


def test_a_placeholder_that_is_not_known_is_named() -> None:
    found = faults(INVITATION, "{{ evnt }}", "{{ link }} {{ event.secret }}")
    assert found["subject"][0].startswith("Found {{ evnt }}; expected one of: event, when, where")
    assert "{{ event.secret }}" in found["body"][0]


def test_the_link_must_be_there_and_braces_must_close() -> None:
    assert "{{ link }} is missing" in faults(INVITATION, "Come", "Hello")["body"][0]
    assert "without its other half" in faults(INVITATION, "Come", "{{ link }} {{ event")["body"][0]
    assert faults(INVITATION, "  ", "{{link}}") == {"subject": ["A mail needs a subject."]}


def test_what_people_typed_is_no_markdown_no_html_no_header_and_no_placeholder() -> None:
    nasty = {"event": "[a](https://evil.example) <b>x</b>\r\nBcc: {{ link }}", "link": LINK}
    written = write(replace(INVITATION, button=""), "{{ event }}", "{{ event }}\n\n{{ link }}", nasty)
    assert "\n" not in written.subject
    assert "\r" not in written.subject
    assert 'href="https://evil.example' not in written.html
    assert "<b>" not in written.html
    assert "&lt;b&gt;x&lt;/b&gt;" in written.html
    assert written.html.count(f'href="{LINK}"') == 1


def test_a_template_runs_nothing() -> None:
    body = "{% load tz %}{{ link }} {% now 'Y' %} <script>alert(1)</script>"
    written = write(INVITATION, "{% now 'Y' %}", body, {"link": LINK})
    assert written.subject == "{% now 'Y' %}"
    assert "{% now 'Y' %}" in written.text
    assert "<script" not in written.html


def test_a_link_may_have_words_of_its_own() -> None:
    written = write(INVITATION, "Come", "[Come in]({{ link }})", {"link": LINK})
    assert written.text == f"Come in: {LINK}"
    assert f'href="{LINK}"' in written.html


def test_invitations_go_out_in_the_organizers_words(event: Event) -> None:
    organizer = make_organizer(event)
    body = "Dear guest, **{{ event }}** waits.\n\n{{ link }}"
    wording.change_wording(event, "invitation", organizer, subject="Come to {{ event }}", body=body)
    _, token = actions.invite(event, "ada@example.org", RoleName.COACH, organizer)
    assert mail.outbox[0].subject == "Come to Gear"
    assert "Dear guest, Gear waits." in str(mail.outbox[0].body)
    assert token in str(mail.outbox[0].body)
    assert "<strong>Gear</strong>" in html_of(0)
    assert ">Accept the invitation</a>" in html_of(0)
    [entry] = AuditEntry.objects.filter(action="wording.change")
    assert (entry.before["subject"], entry.after["subject"]) == (INVITATION.subject, "Come to {{ event }}")
    wording.reset_wording(event, "invitation", organizer)
    actions.invite(event, "grace@example.org", RoleName.COACH, organizer)
    assert mail.outbox[1].subject == "You are invited to Gear"
    with pytest.raises(Refusal, match="first words already"):
        wording.reset_wording(event, "invitation", organizer)


def test_words_of_one_event_are_not_another_ones(event: Event) -> None:
    wording.change_wording(event, "declined", make_organizer(event), subject="No", body="Sorry, {{ name }}.")
    assert wording.words_of(make_event(), "declined")[0] == KINDS["declined"].subject


def test_an_action_refuses_words_with_faults(event: Event) -> None:
    with pytest.raises(Refusal, match="is missing"):
        wording.change_wording(event, "invitation", make_organizer(event), subject="Come", body="Hello")
    assert not Wording.objects.exists()


def test_the_preview_shows_what_is_typed_and_keeps_nothing(client: Client, event: Event) -> None:
    client.force_login(make_organizer(event))
    address = "/events/gear/mails/invitation/"
    page = client.get(address)
    assert inline_code(page) == [], "the preview brings no style into the page"
    form = {"subject": "Hi from {{ event }}", "body": "Hello *you*\n\n{{ link }}", "preview": "yes"}
    page = client.post(address, form)
    assert "Hi from Gear & Trail" in words(page)
    assert "<em>you</em>" in page.content.decode()
    assert not Wording.objects.exists()
    form.pop("preview")
    assert client.post(address, form).status_code == 302
    assert Wording.objects.get().body == form["body"]
    assert "In your own words" in words(client.get("/events/gear/mails/"))


def test_nothing_typed_is_lost_when_it_has_faults(client: Client, event: Event) -> None:
    client.force_login(make_organizer(event))
    page = client.post(
        "/events/gear/mails/invitation/", {"subject": "Come", "body": "My long words {{ nam }}"}
    )
    assert page.status_code == 422
    assert "Found {{ nam }}; expected one of" in words(page)
    assert "My long words" in page.content.decode()


def test_a_stranger_knows_of_no_mails(client: Client, event: Event) -> None:
    client.force_login(make_user())
    assert client.get("/events/gear/mails/").status_code == 404
    client.force_login(make_organizer(make_event()))
    assert (
        client.post("/events/gear/mails/invitation/", {"subject": "x", "body": "{{ link }}"}).status_code
        == 404
    )
    assert not Wording.objects.exists()
