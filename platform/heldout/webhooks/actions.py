"""Every change of addresses by their people. Each is on record, without the secret."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.events.actions import lock
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.teams.models import Team
from heldout.webhooks import telling
from heldout.webhooks.addresses import checked
from heldout.webhooks.models import TEST, Delivery, DeliveryState, Hook
from heldout.webhooks.rules import OLD_SECRET_LASTS, may_change, owner_for
from heldout.webhooks.signing import new_secret

MOST = 5
"""Addresses of one team, or of the organizers of one event."""
TESTS, TESTS_WITHIN = 10, timedelta(minutes=10)


@transaction.atomic
def add(event: Event, team: Team | None, url: str, topics: Sequence[str], actor: User) -> Hook:
    """Let an address hear of the event, or of the team alone. Its secret is told once. Raises Refusal."""
    event = lock(event)
    if owner_for(actor, event) != (True, team):
        raise Refusal("You may not do that here.", "Organizers and members of teams have webhooks.")
    if Hook.objects.filter(event=event, team=team).count() >= MOST:
        raise Refusal(f"There are {MOST} webhooks already.", "Remove one first.")
    hook = Hook.objects.create(
        event=event, team=team, url=checked(url), topics=sorted(topics), secret=new_secret(), by=actor
    )
    _write("webhook.add", hook, actor)
    return hook


@transaction.atomic
def rotate(hook: Hook, actor: User) -> str:
    """A new secret, told once. For a day messages are signed with both, so that none is refused meanwhile."""
    _refuse_stranger(hook, actor)
    hook.old_secret, hook.old_until = hook.secret, timezone.now() + OLD_SECRET_LASTS
    hook.secret = new_secret()
    hook.save(update_fields=["secret", "old_secret", "old_until"])
    _write("webhook.rotate", hook, actor)
    return hook.secret


@transaction.atomic
def pause(hook: Hook, actor: User) -> None:
    """Tell it nothing until it is resumed; what happens meanwhile it never hears."""
    _refuse_stranger(hook, actor)
    Hook.objects.filter(pk=hook.pk).update(paused_at=timezone.now(), paused_why=f"by {actor}"[:200])
    _write("webhook.pause", hook, actor)


@transaction.atomic
def resume(hook: Hook, actor: User) -> None:
    """Go on, also with what waited."""
    _refuse_stranger(hook, actor)
    Hook.objects.filter(pk=hook.pk).update(paused_at=None, paused_why="", rests_until=None)
    _write("webhook.resume", hook, actor)


@transaction.atomic
def remove(hook: Hook, actor: User) -> None:
    """Forget the address, and what it was told."""
    _refuse_stranger(hook, actor)
    _write("webhook.remove", hook, actor)
    hook.delete()


@transaction.atomic
def send_test(hook: Hook, actor: User) -> None:
    """Send a message that says nothing. Raises Refusal."""
    _refuse_stranger(hook, actor)
    recent = Delivery.objects.filter(hook=hook, topic=TEST, created_at__gt=timezone.now() - TESTS_WITHIN)
    if recent.count() >= TESTS:
        raise Refusal(f"That were {TESTS} tests within ten minutes.", "Wait a little.")
    if hook.paused_at is not None:
        raise Refusal("It is paused.", "Resume it first.")
    Hook.objects.filter(pk=hook.pk).update(rests_until=None)
    telling.trial_message(hook)


@transaction.atomic
def deliver_again(delivery: Delivery, actor: User) -> None:
    """Send the same message once more, under the same id. Raises Refusal."""
    _refuse_stranger(delivery.hook, actor)
    if delivery.hook.paused_at is not None:
        raise Refusal("The webhook is paused.", "Resume it first.")
    over = Delivery.objects.filter(pk=delivery.pk).exclude(state=DeliveryState.WAITING)
    if not over.update(state=DeliveryState.WAITING, tries=0, next_try_at=timezone.now()):
        raise Refusal("That message waits already.", "It is sent by itself.")
    Hook.objects.filter(pk=delivery.hook_id).update(rests_until=None)


def _refuse_stranger(hook: Hook, actor: User) -> None:
    if not may_change(actor, hook):
        raise Refusal("This webhook is not yours.", "Ask who made it.")


def _write(action: str, hook: Hook, actor: User) -> None:
    about = {"address": hook.url, "topics": ", ".join(hook.topics), "team": str(hook.team or "")}
    audit.write(action, hook, actor=actor, event_slug=hook.event.slug, after=about)
