"""The organizers' page of how an event ranks, and the freeze."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from heldout.catalog.models import Challenge
from heldout.events.access import SignedInRequest, event_organizer
from heldout.events.answers import attempt
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.leaderboards import deciding
from heldout.leaderboards.forms import FreezeForm, RulesForm
from heldout.leaderboards.freezing import rules_of
from heldout.leaderboards.simulated import preview


@event_organizer
def rules(request: SignedInRequest, event: Event) -> HttpResponse:
    """The event's rules, with what its formula gives to simulated teams."""
    kept = rules_of(event)
    form = RulesForm(request.POST or None, instance=rules_of(event))
    is_sound = request.method == "POST" and form.is_valid()
    if is_sound and "preview" not in request.POST:
        try:
            deciding.set_rules(event, request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, f"{refusal.subject} {refusal.text}")
        else:
            messages.success(request, "The rules are changed.")
            return redirect("board_rules", event.slug)
    shown = form.instance if is_sound else kept
    context = {
        "event": event,
        "form": form,
        "rules": kept,
        "is_frozen": kept.freezes_at is not None and kept.freezes_at <= timezone.now(),
        "freeze_form": FreezeForm(event),
        "simulated": preview(shown.rank_bonus, shown.growth_bonus),
        "challenges": Challenge.objects.filter(event=event, opened_at__isnull=False).select_related("reveal"),
    }
    return render(request, "leaderboards/rules.html", context)


@require_POST
@event_organizer
def freeze(request: SignedInRequest, event: Event) -> HttpResponse:
    """Freeze the boards now, or at the time that was given."""
    if "at" not in request.POST:
        attempt(request, lambda: deciding.freeze(event, request.user), "The boards are frozen.")
        return redirect("board_rules", event.slug)
    form = FreezeForm(event, request.POST)
    if not form.is_valid():
        messages.error(request, f"That is no time: {request.POST['at'][:40]!r}. Write date and time.")
        return redirect("board_rules", event.slug)
    attempt(
        request,
        lambda: deciding.freeze(event, request.user, form.moment()),
        "The boards will freeze at that time.",
    )
    return redirect("board_rules", event.slug)


@require_POST
@event_organizer
def unfreeze(request: SignedInRequest, event: Event) -> HttpResponse:
    """Let the boards move again."""
    attempt(request, lambda: deciding.unfreeze(event, request.user), "The boards move again.")
    return redirect("board_rules", event.slug)
