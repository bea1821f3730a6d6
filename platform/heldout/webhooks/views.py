"""Webhooks: of the organizers, or of the reader's team."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from heldout.accounts.models import User
from heldout.events.access import SignedInRequest, event_member
from heldout.events.answers import attempt
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.webhooks import actions
from heldout.webhooks.access import SHOWN, find_delivery, find_hook, find_owner, hooks_of, latest
from heldout.webhooks.forms import HookForm
from heldout.webhooks.models import Hook

CHANGES: dict[str, tuple[Callable[[Hook, User], None], str]] = {
    "test": (actions.send_test, "A test is on its way. Reload the page in a few seconds."),
    "pause": (actions.pause, "It is told nothing until you resume it."),
    "resume": (actions.resume, "It goes on."),
    "remove": (actions.remove, "The webhook is removed."),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@event_member
def webhooks(request: SignedInRequest, event: Event) -> HttpResponse:
    """The addresses of the organizers, or of the reader's team; a form for another one."""
    team = find_owner(request.user, event)
    form = HookForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = actions.add(event, team, **form.cleaned_data, actor=request.user)
        except Refusal as refusal:
            form.add_error("url", f"{refusal.subject} {refusal.text}")
        else:
            return _page(request, event, made, secret=made.secret)
    context = {"event": event, "team": team, "hooks": hooks_of(event, team), "form": form}
    return render(request, "webhooks/webhooks.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
@event_member
def webhook(request: SignedInRequest, event: Event, hook: int) -> HttpResponse:
    """One address and what it was told."""
    return _page(request, event, find_hook(request.user, event, hook))


def _page(request: SignedInRequest, event: Event, hook: Hook, secret: str = "") -> HttpResponse:
    context = {"event": event, "hook": hook, "deliveries": latest(hook), "secret": secret, "shown": SHOWN}
    return render(request, "webhooks/webhook.html", context)


@never_cache
@require_POST
@event_member
def rotate_webhook(request: SignedInRequest, event: Event, hook: int) -> HttpResponse:
    """Give it another secret, which is shown on this answer and nowhere else."""
    found = find_hook(request.user, event, hook)
    return _page(request, event, found, secret=actions.rotate(found, request.user))


@require_POST
@event_member
def change_webhook(request: SignedInRequest, event: Event, hook: int, do: str) -> HttpResponse:
    """Test, pause, resume or remove it."""
    found = find_hook(request.user, event, hook)
    action, done = CHANGES[do]
    attempt(request, lambda: action(found, request.user), done)
    return redirect("webhooks", event.slug) if do == "remove" else redirect("webhook", event.slug, hook)


@require_POST
@event_member
def deliver_again(request: SignedInRequest, event: Event, delivery: UUID) -> HttpResponse:
    """Send a message once more."""
    message = find_delivery(request.user, event, delivery)
    done = "It is sent again, under the same id."
    attempt(request, lambda: actions.deliver_again(message, request.user), done)
    return redirect("webhook", event.slug, message.hook_id)
