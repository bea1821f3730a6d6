"""The control room, and the organizers' interventions, each with a way back."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from heldout.events.access import SignedInRequest, event_organizer
from heldout.events.answers import attempt
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.leaderboards import actions as leaderboards
from heldout.operations import queries
from heldout.operations.forms import (
    DisqualifyForm,
    DisqualifyTeamForm,
    ExtensionForm,
    GrantForm,
    Intervention,
    PauseForm,
)
from heldout.submissions import intervening
from heldout.submissions.intervention_models import Extension, Grant, Pause, PauseScope
from heldout.submissions.queries import failed_in, workers
from heldout.web import queries as web


@require_safe
@event_organizer
def control(request: SignedInRequest, event: Event) -> HttpResponse:
    """The organizers' page: challenges and their self-tests, workers, what goes wrong, the ways to people."""
    found = workers()
    context = {
        "event": event,
        "items": web.control_items(event, request.user, found),
        "bundles": web.offered_bundles(event),
        "workers": found,
        "failed": failed_in(event),
        "pulse": queries.pulse(event, timezone.now()),
    }
    return render(request, "catalog/control.html", context)


FORMS: dict[str, tuple[str, type[Intervention]]] = {
    "pause": ("Pause", PauseForm),
    "grant": ("Grant tries", GrantForm),
    "extend": ("Extend a deadline", ExtensionForm),
    "disqualify": ("Disqualify a team", DisqualifyTeamForm),
}


@event_organizer
def interventions(request: SignedInRequest, event: Event) -> HttpResponse:
    """What was changed by hand, and the forms to change more; the field `do` names the form that was sent."""
    sent = request.POST.get("do", "") if request.method == "POST" else ""
    made = {
        name: form(event, request.POST if name == sent else None, prefix=name)
        for name, (_, form) in FORMS.items()
    }
    if request.method == "POST" and sent not in made:
        raise Http404(f"the form's field `do` is one of {', '.join(made)}")
    if sent and made[sent].is_valid():
        try:
            done = ACTIONS[sent](event, request, made[sent])
        except Refusal as refusal:
            made[sent].add_error(None, f"{refusal.subject} {refusal.text}")
        else:
            messages.success(request, done)
            return redirect("interventions", event.slug)
    context = {
        "event": event,
        "forms": [(name, FORMS[name][0], form, name == sent) for name, form in made.items()],
        "found": queries.interventions(event),
    }
    status = 422 if sent else 200
    return render(request, "operations/interventions.html", context, status=status)


def _pause(event: Event, request: SignedInRequest, form: Form) -> str:
    given = form.cleaned_data
    scope = PauseScope(given["scope"])
    made = intervening.pause(event, given["challenge"], scope, given["reason"], request.user)
    return f"Paused: {str(made).lower()}."


def _grant(event: Event, request: SignedInRequest, form: Form) -> str:
    given = form.cleaned_data
    intervening.grant_tries(given["challenge"], given["team"], given["tries"], given["reason"], request.user)
    return f"{given['team']} has {given['tries']} more on {given['challenge']} today."


def _extend(event: Event, request: SignedInRequest, form: Form) -> str:
    given = form.cleaned_data
    intervening.extend(given["challenge"], given["team"], given["until"], given["reason"], request.user)
    return f"{given['team']} hands in on {given['challenge']} until {given['until']:%A, %H:%M}."


def _disqualify(event: Event, request: SignedInRequest, form: Form) -> str:
    given = form.cleaned_data
    leaderboards.disqualify(event, request.user, given["reason"], team=given["team"])
    return f"{given['team']} is on no board any more."


ACTIONS: dict[str, Callable[[Event, SignedInRequest, Form], str]] = {
    "pause": _pause,
    "grant": _grant,
    "extend": _extend,
    "disqualify": _disqualify,
}


@require_POST
@event_organizer
def resume(request: SignedInRequest, event: Event, pause: int) -> HttpResponse:
    """Let what was paused go on."""
    found = get_object_or_404(Pause, pk=pause, event=event)
    attempt(request, lambda: intervening.resume(found, request.user), "It goes on.")
    return redirect("interventions", event.slug)


@require_POST
@event_organizer
def take_grant_back(request: SignedInRequest, event: Event, grant: int) -> HttpResponse:
    """Take granted tries back."""
    found = get_object_or_404(Grant, pk=grant, challenge__event=event)
    attempt(request, lambda: intervening.take_back(found, event, request.user), "The tries are taken back.")
    return redirect("interventions", event.slug)


@require_POST
@event_organizer
def take_extension_back(request: SignedInRequest, event: Event, extension: int) -> HttpResponse:
    """Let the challenge's own deadline hold again."""
    found = get_object_or_404(Extension, pk=extension, challenge__event=event)
    done = "The challenge's own deadline holds again."
    attempt(request, lambda: intervening.take_back(found, event, request.user), done)
    return redirect("interventions", event.slug)


@require_POST
@event_organizer
def qualify_again(request: SignedInRequest, event: Event, disqualification: int) -> HttpResponse:
    """Let it count again."""
    found = get_object_or_404(queries.disqualifications(event), pk=disqualification)
    done = f"{found} counts again."
    attempt(request, lambda: leaderboards.qualify_again(found, event, request.user), done)
    return redirect("interventions", event.slug)


@event_organizer
def disqualify_submission(request: SignedInRequest, event: Event, submission: UUID) -> HttpResponse:
    """Take one submission off the boards; asks why first."""
    found = get_object_or_404(queries.may_be_disqualified(event), pk=submission)
    form = DisqualifyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        done = f"{found.label} of {found.team} is on no board any more."
        attempt(
            request,
            lambda: leaderboards.disqualify(event, request.user, reason, submission=found),
            done,
        )
        return redirect("submission", event.slug, submission)
    context = {"event": event, "submission": found, "form": form, "now": timezone.now()}
    return render(request, "operations/disqualify.html", context, status=422 if form.errors else 200)
