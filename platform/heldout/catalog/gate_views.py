"""The organizers' page of what opens a challenge."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from heldout.catalog import gating
from heldout.catalog.forms import GateForm, OpeningForm
from heldout.catalog.models import Challenge, Gate, GateKind
from heldout.catalog.rules import gate_text
from heldout.events.access import SignedInRequest, event_organizer
from heldout.events.answers import attempt
from heldout.events.models import Event
from heldout.events.rules import Refusal


@event_organizer
def gates(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """The gates of a challenge, and forms to add one or to open it for one team."""
    found = _find(event, challenge)
    form = GateForm(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            gating.add_gate(found, GateKind(form.cleaned_data["kind"]), request.user, **form.values())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.subject} {refusal.text}")
        else:
            messages.success(request, f"{found} has a new gate.")
            return redirect("gates", event.slug, challenge)
    listed = Gate.objects.filter(challenge=found).select_related("challenge__event", "after__bundle")
    context = {
        "event": event,
        "challenge": found,
        "form": form,
        "gates": [(gate, gate_text(gate)) for gate in listed],
        "openings": found.openings.select_related("team", "by"),
        "opening_form": OpeningForm(found),
    }
    return render(request, "catalog/gates.html", context)


@require_POST
@event_organizer
def remove_gate(request: SignedInRequest, event: Event, challenge: str, gate: int) -> HttpResponse:
    """Take a gate away."""
    found = get_object_or_404(
        Gate.objects.select_related("challenge__event", "after__bundle"),
        pk=gate,
        challenge__event=event,
        challenge__slug=challenge,
    )
    attempt(request, lambda: gating.remove_gate(found, request.user), "The gate is gone.")
    return redirect("gates", event.slug, challenge)


@require_POST
@event_organizer
def open_by_hand(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """Open the challenge for one team, with a reason."""
    found = _find(event, challenge)
    form = OpeningForm(found, request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a team of this event, and say why.")
        return redirect("gates", event.slug, challenge)
    team, reason = form.cleaned_data["team"], form.cleaned_data["reason"]
    attempt(
        request,
        lambda: gating.open_by_hand(found, team, request.user, reason),
        f"{found} is open to {team}.",
    )
    return redirect("gates", event.slug, challenge)


def _find(event: Event, slug: str) -> Challenge:
    return get_object_or_404(Challenge.objects.select_related("event", "bundle"), event=event, slug=slug)
