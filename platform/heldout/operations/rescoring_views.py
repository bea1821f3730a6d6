"""Scoring anew: what is under way, what keeping it would change, and the decision."""

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from heldout.accounts.models import User
from heldout.events.access import SignedInRequest, event_organizer
from heldout.events.answers import attempt
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.leaderboards import rescoring as boards
from heldout.operations.forms import RescoringForm
from heldout.submissions import rescoring as runs
from heldout.submissions.models import Rescoring, RescoringState


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
    related = ("challenge", "team", "submission__team", "submission__challenge", "by")
    found = Rescoring.objects.filter(challenge__event=event).select_related(*related)
    context = {"event": event, "form": form, "rescorings": found}
    return render(request, "operations/rescorings.html", context, status=422 if form.errors else 200)


@require_safe
@event_organizer
def rescoring(request: SignedInRequest, event: Event, rescoring: int) -> HttpResponse:
    """How far one is; when its runs are over, what keeping it would change."""
    found = _of(event, rescoring)
    progress = runs.progress(found)
    undecided = found.state == RescoringState.RUNNING
    context = {
        "event": event,
        "rescoring": found,
        "progress": progress,
        "undecided": undecided,
        "other_version": found.preparation_id != found.previous_id,
        "missing": runs.missing(found).count() if undecided else 0,
        "moves": boards.preview(found, request.user) if undecided and progress.is_over else [],
    }
    return render(request, "operations/rescoring.html", context)


STEPS: dict[str, tuple[Callable[[Rescoring, User], object], str]] = {
    "keep": (boards.keep, "The new scores count now."),
    "discard": (runs.discard, "It is discarded. All stays as it was."),
    "catch-up": (runs.catch_up, "What was scored meanwhile is part of it now."),
    "undo": (boards.undo, "The scores count that counted before."),
}


@require_POST
@event_organizer
def rescoring_step(request: SignedInRequest, event: Event, rescoring: int, step: str) -> HttpResponse:
    """Keep it, discard it, take in what was scored since, or undo it."""
    found = _of(event, rescoring)
    if step not in STEPS:
        raise Http404(f"a step is one of {', '.join(STEPS)}")
    act, done = STEPS[step]
    attempt(request, lambda: act(found, request.user), done)
    return redirect("rescoring", event.slug, rescoring)


def _of(event: Event, rescoring: int) -> Rescoring:
    related = Rescoring.objects.select_related(
        "challenge__event", "preparation__bundle", "previous__bundle", "team", "submission__team", "by"
    )
    return get_object_or_404(related, pk=rescoring, challenge__event=event)
