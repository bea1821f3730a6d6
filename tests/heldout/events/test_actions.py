from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMail

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from heldout.accounts.models import User
from heldout.audit.models import AuditEntry
from heldout.events import actions
from heldout.events.models import Event, Invitation, Role, RoleName
from heldout.events.rules import Refusal, role_of, state_of
from tests.heldout.factories import make_event, make_organizer, make_participant, make_user

pytestmark = pytest.mark.django_db


def parsed(sent: mail.EmailMessage) -> list[ParsedMail]:
    """The parts of a mail as its reader gets them."""
    whole = message_from_bytes(sent.message().as_bytes(), _class=ParsedMail, policy=policy.default)
    return list(whole.iter_parts())  # type: ignore[arg-type]


def test_whoever_creates_an_event_organizes_it() -> None:
    creator, now = make_user(), timezone.now()
    event = actions.create_event(
        actor=creator, name="Gear", slug="gear", starts_at=now, ends_at=now + timedelta(days=2)
    )
    assert role_of(creator, event) == RoleName.ORGANIZER
    assert AuditEntry.objects.get().action == "event.create"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"slug": "taken"}, "already exists"),
        ({"time_zone": "Mars/Olympus"}, "Europe/Amsterdam"),
        ({"ends_at": timezone.now() - timedelta(days=9)}, "end after it starts"),
        ({"team_size_limit": 0}, "greater than or equal to 1"),
    ],
)
def test_an_event_with_a_faulty_value_is_refused(change: dict[str, object], words: str) -> None:
    make_event("taken")
    now = timezone.now()
    values = {"name": "Gear", "slug": "gear", "starts_at": now, "ends_at": now + timedelta(days=2)} | change
    with pytest.raises(Refusal, match=words):
        actions.create_event(actor=make_user(), **values)  # type: ignore[arg-type]
    assert not Event.objects.filter(name="Gear").exists()


def test_changing_an_event_records_what_it_was_before() -> None:
    event = make_event(venue="Hall 1")
    actions.change_event(event, actor=make_organizer(event), venue="Hall 2")
    entry = AuditEntry.objects.get(action="event.change")
    assert (entry.before, entry.after) == ({"venue": "Hall 1"}, {"venue": "Hall 2"})


def test_the_mail_goes_once_the_invitation_is_committed(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    event = make_event()
    with django_capture_on_commit_callbacks(execute=True):
        invitation, token = actions.invite(event, "Ada@Example.org", RoleName.COACH, make_organizer(event))
        assert not mail.outbox
    (sent,) = mail.outbox
    assert sent.to == ["ada@example.org"]
    assert f"http://127.0.0.1:8000/invitations/{token}/" in sent.body
    assert "as coach" in sent.body
    invitation.refresh_from_db()
    assert invitation.mailed_at is not None


def test_the_mail_says_the_same_in_html_and_escapes_names(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    event = make_event(name="<b>Gear</b>")
    with django_capture_on_commit_callbacks(execute=True):
        _, token = actions.invite(event, "ada@example.org", RoleName.COACH, None)
    (html,) = [part.get_content() for part in parsed(mail.outbox[0]) if part.get_content_subtype() == "html"]
    assert token in html
    assert "&lt;b&gt;Gear" in html
    assert "<b>Gear</b>" in mail.outbox[0].body


def test_a_line_break_in_the_name_of_an_event_does_not_keep_its_mails_back(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    event = make_event(name="Gear\nBcc: eve@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        actions.invite(event, "ada@example.org", RoleName.COACH, None)
    assert mail.outbox[0].subject == "You are invited to Gear Bcc: eve@example.org"
    assert mail.outbox[0].recipients() == ["ada@example.org"]


def test_only_a_digest_of_the_token_is_kept() -> None:
    invitation, token = actions.invite(make_event(), "ada@example.org", RoleName.COACH, None)
    assert len(token) >= 43
    kept = [str(value) for value in Invitation.objects.values_list().get()]
    audited = [str(value) for value in AuditEntry.objects.values_list().get()]
    assert not any(token in value for value in kept + audited)
    assert invitation.token_digest == actions.digest(token)


def test_a_faulty_line_keeps_everybody_from_being_invited() -> None:
    event = make_event()
    make_participant(event, make_user("member@example.org"))
    actions.invite(event, "asked@example.org", RoleName.PARTICIPANT, None)
    text = "new@example.org\nMember@example.org\nasked@example.org"
    with pytest.raises(Refusal) as caught:
        actions.invite_all(event, text, RoleName.PARTICIPANT, None)
    member, asked = caught.value.text.splitlines()
    assert member == "Line 2: member@example.org has a role already (participant)."
    assert asked.startswith("Line 3: asked@example.org is invited already")
    assert not Invitation.objects.filter(email="new@example.org").exists()


def test_a_post_office_that_is_away_leaves_the_invitation_marked_as_not_mailed(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(message: object) -> None:
        raise ConnectionRefusedError("no SMTP server")

    monkeypatch.setattr("heldout.events.mail.EmailMultiAlternatives.send", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        invitation, _ = actions.invite(make_event(), "ada@example.org", RoleName.COACH, None)
    invitation.refresh_from_db()
    assert invitation.mailed_at is None


def test_resending_ends_the_old_link_and_begins_a_new_term() -> None:
    event = make_event()
    organizer, ada = make_organizer(event), make_user("ada@example.org")
    with time_machine.travel(timezone.now() - timedelta(days=30)):
        invitation, old = actions.invite(event, ada.email, RoleName.COACH, organizer)
    assert state_of(invitation, timezone.now()) == "expired"
    new = actions.resend(invitation, organizer)
    with pytest.raises(Refusal, match="leads nowhere"):
        actions.accept(old, ada)
    assert actions.accept(new, ada).name == RoleName.COACH


def test_an_expired_link_says_whom_to_ask() -> None:
    event, ada = make_event(), make_user("ada@example.org")
    _, token = actions.invite(event, ada.email, RoleName.COACH, None)
    with (
        time_machine.travel(timezone.now() + actions.INVITATION_LASTS),
        pytest.raises(Refusal, match=r"expired\. Ask an organizer"),
    ):
        actions.accept(token, ada)
    assert role_of(ada, event) is None


def test_a_revoked_link_gives_nothing_and_the_address_can_be_invited_again() -> None:
    event, ada = make_event(), make_user("ada@example.org")
    organizer = make_organizer(event)
    invitation, token = actions.invite(event, ada.email, RoleName.COACH, organizer)
    actions.revoke(invitation, organizer)
    with pytest.raises(Refusal, match="withdrawn"):
        actions.accept(token, ada)
    for change in (actions.revoke, actions.resend):
        with pytest.raises(Refusal, match="withdrawn"):
            change(invitation, organizer)
    _, token = actions.invite(event, ada.email, RoleName.PARTICIPANT, organizer)
    assert actions.accept(token, ada).name == RoleName.PARTICIPANT


def test_a_link_works_once() -> None:
    event, ada = make_event(), make_user("ada@example.org")
    invitation, token = actions.invite(event, ada.email, RoleName.COACH, None)
    actions.accept(token, ada)
    for again in (
        lambda: actions.accept(token, ada),
        lambda: actions.resend(invitation, ada),
        lambda: actions.revoke(invitation, ada),
    ):
        with pytest.raises(Refusal, match="was accepted"):
            again()


def test_a_link_is_good_for_the_invited_address_only() -> None:
    event, eve = make_event(), make_user()
    _, token = actions.invite(event, "ada@example.org", RoleName.ORGANIZER, None)
    with pytest.raises(Refusal, match="somebody else"):
        actions.accept(token, eve)
    assert role_of(eve, event) is None


def test_who_got_a_role_in_the_meantime_keeps_it_and_the_link_stays_unused() -> None:
    event, ada = make_event(), make_user("ada@example.org")
    invitation, token = actions.invite(event, ada.email, RoleName.ORGANIZER, None)
    make_participant(event, ada)
    with pytest.raises(Refusal, match="You are participant of this event already"):
        actions.accept(token, ada)
    invitation.refresh_from_db()
    assert invitation.accepted_at is None
    assert role_of(ada, event) == RoleName.PARTICIPANT


def test_accepting_opens_an_account_whose_address_is_proven() -> None:
    event = make_event()
    _, token = actions.invite(event, "ada@example.org", RoleName.PARTICIPANT, None)
    role = actions.accept_as_new(token, "Ada")
    ada = User.objects.get(email="ada@example.org")
    assert (role.user, ada.name, ada.has_usable_password()) == (ada, "Ada", False)
    assert ada.emailaddress_set.get().verified  # type: ignore[attr-defined]


def test_an_account_that_exists_is_not_taken_over_by_accepting_as_new() -> None:
    ada = make_user("ada@example.org", password="the old password")
    _, token = actions.invite(make_event(), ada.email, RoleName.COACH, None)
    with pytest.raises(Refusal, match="account already"):
        actions.accept_as_new(token, "Mallory", "a new password")
    ada.refresh_from_db()
    assert ada.check_password("the old password")
    assert not Role.objects.filter(user=ada).exists()


def test_every_change_of_an_invitation_is_in_the_audit_log() -> None:
    event, ada = make_event(), make_user("ada@example.org")
    organizer = make_organizer(event)
    invitation, _ = actions.invite(event, ada.email, RoleName.COACH, organizer)
    actions.accept(actions.resend(invitation, organizer), ada)
    entries = AuditEntry.objects.filter(event_slug=event.slug).order_by("id")
    assert [(entry.action, entry.actor) for entry in entries] == [
        ("invitation.create", organizer),
        ("invitation.resend", organizer),
        ("invitation.accept", ada),
    ]
