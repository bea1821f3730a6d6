"""Which messages are sent when, and what becomes of each: at least once, and the same id each time.

A message is claimed by compare-and-set before it is sent. Whoever dies meanwhile leaves it to be claimed
again when its claim runs out, so that none is lost; a receiver that had it already tells so by the id.
"""

import threading
import time
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.db.models import Q
from django.utils import timezone

from heldout.audit import actions as audit
from heldout.webhooks import signing
from heldout.webhooks.mail import tell_of_pause
from heldout.webhooks.models import Delivery, DeliveryState, Hook
from heldout.webhooks.rules import GONE, LONGEST_REST, keys_of, wait_after
from heldout.webhooks.sending import PATIENCE_SECONDS, Answer, Letter, send_all

CLAIM = timedelta(minutes=2)
AT_ONCE = 20
"""Addresses that are called side by side."""
LONGEST_RUN = 60.0

_running = threading.Lock()


def deliver_aside() -> threading.Thread | None:
    """Deliver in a thread: the process that takes the workers' scores must not wait for slow receivers."""
    if not _running.acquire(blocking=False):
        return None
    thread = threading.Thread(target=_aside, name="webhooks", daemon=True)
    thread.start()
    return thread


def _aside() -> None:
    try:
        deliver_due()
    finally:
        connections.close_all()
        _running.release()


def deliver_due(patience: float = PATIENCE_SECONDS) -> int:
    """Send what is due, one message an address at a time; gives the number of tries."""
    ends, count = time.monotonic() + LONGEST_RUN, 0
    while time.monotonic() < ends and (round_ := _claimed(timezone.now())):
        now = timezone.now()
        for delivery, answer in zip(
            round_, send_all([_letter(d, now) for d in round_], patience), strict=True
        ):
            record(delivery, answer, timezone.now())
        count += len(round_)
    return count


def _claimed(now: datetime) -> list[Delivery]:
    """The next message of each address that is not at rest, claimed."""
    due = Delivery.objects.filter(
        Q(hook__rests_until=None) | Q(hook__rests_until__lte=now),
        state=DeliveryState.WAITING,
        next_try_at__lte=now,
        hook__paused_at=None,
    )
    chosen: dict[int, Delivery] = {}
    for delivery in due.order_by("created_at").select_related("hook__event", "hook__team", "hook__by")[:500]:
        chosen.setdefault(delivery.hook_id, delivery)
    return [each for each in list(chosen.values())[:AT_ONCE] if _claim(each, now)]


def _claim(delivery: Delivery, now: datetime) -> bool:
    same = Delivery.objects.filter(
        pk=delivery.pk, state=DeliveryState.WAITING, next_try_at=delivery.next_try_at
    )
    delivery.next_try_at, delivery.tries = now + CLAIM, delivery.tries + 1
    return same.update(next_try_at=delivery.next_try_at, tries=delivery.tries) == 1


def _letter(delivery: Delivery, now: datetime) -> Letter:
    """The time is that of the try, so that a receiver may refuse what is old."""
    keys = keys_of(delivery.hook, now)
    headers = signing.headers(keys, delivery.message_id, int(now.timestamp()), delivery.body)
    return Letter(delivery.hook.url, delivery.body, headers)


@transaction.atomic
def record(delivery: Delivery, answer: Answer, now: datetime) -> None:
    """Write down what came back. A claim that somebody else has taken over meanwhile is left to them."""
    wait = wait_after(delivery.tries)
    state = DeliveryState.FAILED if wait is None else DeliveryState.WAITING
    mine = Delivery.objects.filter(pk=delivery.pk, next_try_at=delivery.next_try_at)
    changed = mine.update(
        state=DeliveryState.DELIVERED if answer.is_good else state,
        next_try_at=now + (wait or timedelta(0)),
        answer_code=answer.code,
        answer=answer.text.replace("\x00", " ")[:500],
        tried_at=now,
    )
    if not changed:
        return
    hook = Hook.objects.filter(pk=delivery.hook_id)
    if answer.is_good:
        hook.update(rests_until=None)
    elif answer.code == GONE:
        _pause(delivery.hook, "The address answered that it is gone for good (410).", now)
    elif wait is None:
        _pause(delivery.hook, f"A message was given up after {delivery.tries} tries within a day.", now)
    else:
        hook.update(rests_until=now + min(wait, LONGEST_REST))


def _pause(hook: Hook, why: str, now: datetime) -> None:
    """Stop calling an address that never answers, and tell its people."""
    if not Hook.objects.filter(pk=hook.pk, paused_at=None).update(paused_at=now, paused_why=why):
        return
    audit.write("webhook.pause", hook, actor=None, event_slug=hook.event.slug, reason=why)
    transaction.on_commit(lambda: tell_of_pause(hook, why), robust=True)
