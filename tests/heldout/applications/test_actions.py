"""Applying, deciding, the waitlist, withdrawing."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from heldout.accounts.models import User
from heldout.applications import actions
from heldout.applications.models import Application, Intake
from heldout.applications.tasks import fill_all_places
from heldout.audit.models import AuditEntry
from heldout.events.actions import accept_as_new, digest, revoke
from heldout.events.models import Event, Invitation, Role
from heldout.events.rules import Refusal
from tests.heldout.applications.conftest import Apply
from tests.heldout.factories import make_event, make_participant, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def states(event: Event) -> dict[str, str]:
    return dict(Application.objects.filter(event=event).values_list("name", "state"))


def token_in(mail: Any, path: str) -> str:
    found = re.search(rf"/{path}/([\w-]+)/", mail.body)
    assert found
    return found[1]


def test_an_application_is_confirmed_by_mail_with_a_link_to_it(
    event: Event, apply: Apply, mailoutbox: list[Any]
) -> None:
    made = apply("Ada", company="Analytical Engines")
    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["ada@example.org"], "We have your application: Trail")
    assert actions.application_of(token_in(mail, "applications")) == made
    assert made.agreed_at and made.conduct_digest == digest(event.code_of_conduct)


def test_who_applies_again_gets_a_new_link_and_no_second_application(
    event: Event, apply: Apply, mailoutbox: list[Any]
) -> None:
    apply("Ada")
    apply("Somebody else", email="Ada@example.org")
    assert states(event) == {"Ada": "received"}
    assert mailoutbox[1].subject == "You have applied already: Trail"
    assert actions.application_of(token_in(mailoutbox[0], "applications")) is None
    assert actions.application_of(token_in(mailoutbox[1], "applications"))


def test_nobody_applies_before_or_after_the_time(event: Event, apply: Apply) -> None:
    Intake.objects.update(closes_at=timezone.now())
    with pytest.raises(Refusal, match="closed"):
        apply("Ada")
    Intake.objects.update(closes_at=None, opens_at=timezone.now() + timedelta(hours=1))
    with pytest.raises(Refusal, match="closed"):
        apply("Ada")


def test_whoever_is_accepted_gets_an_invitation_that_lets_them_in(
    event: Event, organizer: User, apply: Apply, mailoutbox: list[Any]
) -> None:
    made = apply("Ada")
    actions.decide(event, [made.pk], "shortlist", organizer)
    assert len(mailoutbox) == 1
    actions.decide(event, [made.pk], "accept", organizer)
    role = accept_as_new(token_in(mailoutbox[1], "invitations"), "Ada")
    assert role.event == event
    assert states(event) == {"Ada": "accepted"}
    actions_done = AuditEntry.objects.filter(target_type="applications.application").values_list(
        "action", "actor"
    )
    assert set(actions_done) == {
        ("application.shortlisted", organizer.pk),
        ("application.accepted", organizer.pk),
    }


def test_declining_and_waitlisting_are_told_and_shortlisting_brings_back(
    event: Event, organizer: User, apply: Apply, mailoutbox: list[Any]
) -> None:
    ada, ben = apply("Ada"), apply("Ben")
    mailoutbox.clear()
    actions.decide(event, [ada.pk], "decline", organizer)
    actions.decide(event, [ben.pk], "waitlist", organizer)
    assert [(mail.to[0], mail.subject) for mail in mailoutbox] == [
        ("ada@example.org", "Your application: Trail"),
        ("ben@example.org", "You are on the waitlist: Trail"),
    ]
    actions.decide(event, [ada.pk], "shortlist", organizer)
    assert states(event) == {"Ada": "shortlisted", "Ben": "waitlisted"}


def test_decisions_are_made_for_all_or_for_none(event: Event, organizer: User, apply: Apply) -> None:
    ada, ben = apply("Ada"), apply("Ben")
    actions.decide(event, [ada.pk], "accept", organizer)
    with pytest.raises(Refusal, match=r"Ada \(accepted\)"):
        actions.decide(event, [ada.pk, ben.pk], "decline", organizer)
    assert states(event) == {"Ada": "accepted", "Ben": "received"}
    with pytest.raises(Refusal, match="No application"):
        actions.decide(event, [], "accept", organizer)


def test_nothing_is_decided_where_one_is_of_another_event(
    event: Event, organizer: User, apply: Apply
) -> None:
    ben, elsewhere = apply("Ben"), apply("Eve")
    Application.objects.filter(pk=elsewhere.pk).update(event=make_event("elsewhere"))
    with pytest.raises(Refusal, match=f"no application with the number {elsewhere.pk}"):
        actions.decide(event, [ben.pk, elsewhere.pk], "accept", organizer)
    assert states(event) == {"Ben": "received"}


def test_nobody_is_accepted_beyond_the_places(event: Event, organizer: User, apply: Apply) -> None:
    Intake.objects.update(places=1)
    ada, ben = apply("Ada"), apply("Ben")
    with pytest.raises(Refusal, match="There is 1 place left, and 2 are chosen"):
        actions.decide(event, [ada.pk, ben.pk], "accept", organizer)
    actions.decide(event, [ada.pk], "accept", organizer)
    with pytest.raises(Refusal, match="are 0 places left"):
        actions.decide(event, [ben.pk], "accept", organizer)
    assert Invitation.objects.count() == 1


def test_the_waitlist_moves_up_in_order_when_somebody_withdraws(
    event: Event, organizer: User, apply: Apply
) -> None:
    Intake.objects.update(places=1)
    ada, ben, eve = apply("Ada"), apply("Ben"), apply("Eve")
    actions.decide(event, [ada.pk], "accept", organizer)
    actions.decide(event, [eve.pk], "waitlist", organizer)
    actions.decide(event, [ben.pk], "waitlist", organizer)
    ada.refresh_from_db()
    actions.withdraw(ada)
    assert states(event) == {"Ada": "withdrawn", "Ben": "waitlisted", "Eve": "accepted"}
    assert Invitation.objects.get(email=ada.email).revoked_at is not None


def test_the_clock_gives_on_places_of_invitations_that_ended(
    event: Event, organizer: User, apply: Apply
) -> None:
    Intake.objects.update(places=1)
    event.ends_at = timezone.now() + timedelta(days=90)
    event.save()
    ada, ben, eve = apply("Ada"), apply("Ben"), apply("Eve")
    actions.decide(event, [ada.pk], "accept", organizer)
    actions.decide(event, [ben.pk, eve.pk], "waitlist", organizer)
    fill_all_places()
    assert states(event)["Ben"] == "waitlisted"
    revoke(Invitation.objects.get(), organizer)
    fill_all_places()
    assert states(event) == {"Ada": "accepted", "Ben": "accepted", "Eve": "waitlisted"}
    with time_machine.travel(timezone.now() + timedelta(days=20)):
        fill_all_places()
    assert states(event)["Eve"] == "accepted"


def test_who_was_invited_otherwise_does_not_hold_up_the_waitlist(
    event: Event, organizer: User, apply: Apply
) -> None:
    ada, ben = apply("Ada"), apply("Ben")
    actions.decide(event, [ada.pk, ben.pk], "waitlist", organizer)
    make_participant(event, make_user("ada@example.org"))
    actions.change_intake(event, organizer, places=2)
    assert states(event) == {"Ada": "waitlisted", "Ben": "accepted"}


def test_whoever_takes_part_cannot_withdraw(
    event: Event, organizer: User, apply: Apply, mailoutbox: list[Any]
) -> None:
    made = apply("Ada")
    actions.decide(event, [made.pk], "accept", organizer)
    accept_as_new(token_in(mailoutbox[1], "invitations"), "Ada")
    made.refresh_from_db()
    with pytest.raises(Refusal, match="take part already"):
        actions.withdraw(made)
    assert Role.objects.filter(event=event, user__email="ada@example.org").exists()


def test_a_changed_question_leaves_the_answers_to_the_old_one(event: Event, organizer: User) -> None:
    question = actions.ask(event, organizer, text="Why?", kind="line", choices="", required=True)
    facts = {"name": "Ada", "skill": 3, "company": ""}
    actions.apply(event, {question.pk: "To learn"}, email="ada@example.org", **facts)
    fresh = actions.change_question(question, organizer, text="Why now?", kind="line", required=True)
    assert fresh.pk != question.pk
    answer = Application.objects.get().answers.get()
    assert (answer.question.text, answer.text) == ("Why?", "To learn")
    actions.stop_asking(fresh, organizer)
    [left] = event.questions.all()
    assert left.text == "Why?" and left.retired_at is not None
