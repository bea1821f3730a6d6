"""Scoring anew: what is under way, what keeping it would change, and the decision."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from heldout.events.access import SignedInRequest, event_organizer
from heldout.events.answers import attempt
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.leaderboards import rescoring as boards
from heldout.operations import queries
from heldout.operations.forms import RescoringForm
from heldout.submissions import rescoring as runs


@require_http_methods(["GET", "HEAD", "POST"])
@event_organizer
def rescorings(request: SignedInRequest, event: Event) -> HttpResponse:
    """What was scored anew in the event, and the form to begin."""
    form = RescoringForm(event, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            begun = runs.start(actor=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, f"{refusal.subject} {refusal.text}")
        else:
            return redirect("rescoring", event.slug, begun.pk)
    context = {"event": event, "form": form, "rescorings": queries.rescorings(event)}
    return render(request, "operations/rescorings.html", context, status=422 if form.errors else 200)


@require_safe
@event_organizer
def rescoring(request: SignedInRequest, event: Event, rescoring: int) -> HttpResponse:
    """How far one is; when its runs are over, what keeping it would change."""
    found = queries.rescoring_of(event, rescoring)
    report = boards.report(found, request.user)
    context = {
        "event": event,
        "rescoring": found,
        "other_version": found.preparation_id != found.previous_id,
        **vars(report),
    }
    return render(request, "operations/rescoring.html", context)


DONE: dict[boards.Step, str] = {
    "keep": "The new scores count now.",
    "discard": "It is discarded. All stays as it was.",
    "catch-up": "What was scored meanwhile is part of it now.",
    "undo": "The scores count that counted before.",
}


@require_POST
@event_organizer
def rescoring_step(request: SignedInRequest, event: Event, rescoring: int, step: str) -> HttpResponse:
    """Keep it, discard it, take in what was scored since, or undo it."""
    found = queries.rescoring_of(event, rescoring)
    if step not in DONE:
        raise Http404(f"a step is one of {', '.join(DONE)}")
    attempt(request, lambda: boards.STEPS[step](found, request.user), DONE[step])
    return redirect("rescoring", event.slug, rescoring)
