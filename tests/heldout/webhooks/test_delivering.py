"""Messages go to a real server that fails, hangs, drips and points elsewhere."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from heldout.audit.models import AuditEntry
from heldout.catalog.models import Challenge
from heldout.teams.models import Team
from heldout.webhooks import actions
from heldout.webhooks.delivering import deliver_aside, deliver_due
from heldout.webhooks.models import Delivery, Hook
from heldout.webhooks.rules import WAITS
from tests.heldout.factories import make_organizer
from tests.heldout.handing_in import member_of, scored
from tests.heldout.webhooks.hooks import of_event, of_team
from tests.heldout.webhooks.receiver import Heard, Receiver

pytestmark = pytest.mark.django_db(transaction=True)

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "webhooks.md"


def documented() -> dict[str, Any]:
    """The example of the documentation, as a receiver would paste it."""
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102
    return names


def is_ours(heard: Heard, secret: str) -> bool:
    try:
        documented()["check"](secret, heard.headers, heard.body)
    except ValueError:
        return False
    return True


@pytest.fixture
def hook(challenge: Challenge, receiver: Receiver) -> Hook:
    return of_event(challenge.event, f"{receiver.address}/in")


def only() -> Delivery:
    return Delivery.objects.get()


def test_a_message_arrives_signed_as_the_documentation_checks_it(
    hook: Hook, receiver: Receiver, challenge: Challenge, team: Team
) -> None:
    scored(challenge, team, 0.8)
    assert deliver_due() == 1
    (heard,) = receiver.heard
    assert is_ours(heard, hook.secret)
    assert not is_ours(heard, actions.rotate(hook, hook.by))
    assert not is_ours(Heard(heard.path, heard.headers, heard.body + b" "), hook.secret)
    assert heard.headers["webhook-id"] == only().message_id
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["host"] == receiver.address.removeprefix("http://")
    assert json.loads(heard.body)["data"]["scores"]["public"]["value"] == 0.8
    assert (only().state, only().answer_code, only().answer) == ("delivered", 200, "thanks")
    assert deliver_due() == 0


def test_an_old_message_that_is_replayed_is_refused_by_the_documented_check(
    hook: Hook, receiver: Receiver
) -> None:
    actions.send_test(hook, hook.by)
    deliver_due()
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        assert not is_ours(receiver.heard[0], hook.secret)


def test_after_a_new_secret_both_hold_for_a_day(hook: Hook, receiver: Receiver) -> None:
    old = hook.secret
    new = actions.rotate(hook, hook.by)
    actions.send_test(hook, hook.by)
    deliver_due()
    assert is_ours(receiver.heard[-1], old) and is_ours(receiver.heard[-1], new)
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        actions.send_test(hook, hook.by)
        deliver_due()
        assert not is_ours(receiver.heard[-1], old) and is_ours(receiver.heard[-1], new)


def test_a_failing_receiver_is_tried_again_later_and_told_the_same(hook: Hook, receiver: Receiver) -> None:
    receiver.codes = [500, 503]
    actions.send_test(hook, hook.by)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        deliver_due()
        assert (only().state, only().tries, only().answer_code) == ("waiting", 1, 500)
        assert deliver_due() == 0
        for wait in WAITS[:2]:
            clock.shift(wait)
            assert deliver_due() == 1
    assert only().state == "delivered"
    assert len(receiver.heard) == 3
    assert len({(heard.headers["webhook-id"], heard.body) for heard in receiver.heard}) == 1


def test_it_is_given_up_after_eight_tries_within_a_day_and_paused_with_a_mail(
    hook: Hook, receiver: Receiver
) -> None:
    receiver.codes = [500] * 8
    actions.send_test(hook, hook.by)
    began = timezone.now()
    with time_machine.travel(began, tick=False) as clock:
        for _ in range(12):
            deliver_due()
            if only().state == "failed":
                break
            clock.move_to(only().next_try_at)
        assert timezone.now() - began < timedelta(days=1)
    assert (only().state, only().tries, len(receiver.heard)) == ("failed", 8, 8)
    hook.refresh_from_db()
    assert hook.paused_at is not None
    (message,) = mail.outbox
    assert message.to == [hook.by.email]
    assert f"/webhooks/{hook.pk}/" in message.body
    assert AuditEntry.objects.filter(action="webhook.pause", actor=None).exists()


def test_an_address_that_is_gone_is_paused_at_once(hook: Hook, receiver: Receiver) -> None:
    receiver.codes = [410]
    actions.send_test(hook, hook.by)
    deliver_due()
    hook.refresh_from_db()
    assert "gone for good" in hook.paused_why
    assert deliver_due() == 0


def test_it_goes_nowhere_that_it_is_pointed_to(challenge: Challenge, receiver: Receiver) -> None:
    hook = of_event(challenge.event, f"{receiver.address}/redirect")
    actions.send_test(hook, hook.by)
    deliver_due()
    assert [heard.path for heard in receiver.heard] == ["/redirect"]
    assert (only().state, only().answer_code) == ("waiting", 302)


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_one_that_hangs_or_drips_is_left_and_holds_up_nobody_else(
    challenge: Challenge, receiver: Receiver, team: Team, how: str
) -> None:
    slow, quick = (
        of_event(challenge.event, f"{receiver.address}/{how}"),
        of_team(team, f"{receiver.address}/in"),
    )
    actions.send_test(slow, slow.by)
    actions.send_test(quick, member_of(team))
    receiver.text = b""
    deliver_due(patience=8)
    assert Delivery.objects.get(hook=quick).state == "delivered"
    left = Delivery.objects.get(hook=slow)
    assert (left.state, left.tries, left.answer_code) == ("waiting", 1, None)
    assert "No answer within 8 seconds" in left.answer


def test_one_that_fails_rests_though_more_waits_for_it(hook: Hook, receiver: Receiver) -> None:
    receiver.codes = [500] * 5
    for _ in range(3):
        actions.send_test(hook, hook.by)
    assert deliver_due() == 1


def test_one_that_is_well_gets_all_that_waits_in_order(hook: Hook, receiver: Receiver) -> None:
    for _ in range(3):
        actions.send_test(hook, hook.by)
    assert deliver_due() == 3
    ids = [each.message_id for each in Delivery.objects.order_by("created_at")]
    assert [heard.headers["webhook-id"] for heard in receiver.heard] == ids


def test_nobody_there_is_an_answer_too(challenge: Challenge, receiver: Receiver) -> None:
    hook = of_event(challenge.event, "http://127.0.0.1:1/in")
    actions.send_test(hook, hook.by)
    deliver_due()
    assert (only().state, only().answer_code) == ("waiting", None)
    assert "ConnectError" in only().answer


def test_a_message_to_what_became_private_is_not_sent(hook: Hook, receiver: Receiver, settings: Any) -> None:
    actions.send_test(hook, hook.by)
    settings.DEBUG = False
    deliver_due()
    assert receiver.heard == []
    assert "Not called" in only().answer


def test_who_dies_while_sending_leaves_the_message_to_be_sent_again(hook: Hook, receiver: Receiver) -> None:
    from heldout.webhooks import delivering

    actions.send_test(hook, hook.by)
    now = timezone.now()
    assert len(delivering._claimed(now)) == 1
    assert deliver_due() == 0
    with time_machine.travel(now + timedelta(minutes=3), tick=False):
        assert deliver_due() == 1
    assert only().state == "delivered"


def test_what_it_answers_is_kept_bounded_and_harmless(hook: Hook, receiver: Receiver) -> None:
    receiver.text = b"\x00\x1b[31m<script>" + b"x" * 100_000
    actions.send_test(hook, hook.by)
    deliver_due()
    assert len(only().answer) <= 500
    assert "\x00" not in only().answer and "\x1b" not in only().answer


def test_delivering_does_not_hold_up_whoever_asks_for_it(
    hook: Hook, receiver: Receiver, challenge: Challenge
) -> None:
    actions.send_test(hook, hook.by)
    thread = deliver_aside()
    assert thread is not None
    thread.join(timeout=30)
    assert only().state == "delivered"


def test_delivering_again_sends_the_same_under_the_same_id(hook: Hook, receiver: Receiver) -> None:
    actions.send_test(hook, hook.by)
    deliver_due()
    actions.deliver_again(only(), make_organizer(hook.event))
    deliver_due()
    first, second = receiver.heard
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
