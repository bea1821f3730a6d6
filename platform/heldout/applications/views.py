"""The public page of an event, an applicant's own page, and the organizers' pages on applications."""

from typing import cast

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from heldout.applications import actions, queries, roster
from heldout.applications.forms import (
    ApplicationForm,
    DecisionForm,
    FilterForm,
    IntakeForm,
    NotesForm,
    QuestionForm,
    RosterForm,
)
from heldout.applications.models import Application, Intake, Question
from heldout.applications.rules import Decision, is_open, is_public, may_become
from heldout.events.access import SignedInRequest, event_organizer
from heldout.events.actions import change_event
from heldout.events.answers import attempt
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.markdown import to_html

UNPROCESSABLE = 422


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest, event: str) -> HttpResponse:
    """What the event is, and the form to apply. 404 until the organizers open applications."""
    intake = Intake.objects.select_related("event").filter(event__slug=event).first()
    if intake is None or not is_public(intake, timezone.now()):
        raise Http404("this event has no public page")
    form = ApplicationForm(
        intake.event,
        queries.questions_of(intake.event),
        request.POST if request.method == "POST" else None,
    )
    if form.is_valid():
        if not ratelimit.consume(request, action="apply", key=form.cleaned_data["email"].lower()):
            return render(request, "429.html", status=429)
        try:
            actions.apply(intake.event, form.answers(), **form.facts())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.subject} {refusal.text}")
        else:
            context = _about(intake) | {"email": form.cleaned_data["email"]}
            return render(request, "applications/apply.html", context)
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "applications/apply.html", _about(intake) | {"form": form}, status=status)


def _about(intake: Intake) -> dict[str, object]:
    """What the public page says of the event."""
    event, now = intake.event, timezone.now()
    return {
        "event": event,
        "intake": intake,
        "words": to_html(intake.words),
        "conduct": to_html(event.code_of_conduct),
        "sessions": queries.open_sessions(event, now),
        "is_open": is_open(intake, now),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_application(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link in a mail leads: the applicant's application, and a way to withdraw it."""
    application = actions.application_of(token)
    if application is None:
        raise Http404("no application has this link")
    if request.method == "POST":
        attempt(request, lambda: actions.withdraw(application), "Your application is withdrawn.")
        return redirect("application_own", token)
    context = {
        "application": application,
        "event": application.event,
        "answers": application.answers.select_related("question"),
        "may_withdraw": may_become(application.state, "decline") or application.state == "accepted",
    }
    return render(request, "applications/own.html", context)


@require_safe
@event_organizer
def applications(request: SignedInRequest, event: Event) -> HttpResponse:
    """Who asks to take part, with filters."""
    form = FilterForm(request.GET)
    filters = queries.Filters(**form.cleaned_data) if form.is_valid() else queries.Filters()
    context = {
        "event": event,
        "filters": form,
        "found": queries.applications_of(event, filters),
        "counts": queries.counts(event),
        "left": queries.places_left(event),
        "intake": queries.intake_of(event),
        "is_filtered": any(vars(filters).values()),
    }
    return render(request, "applications/applications.html", context)


@require_POST
@event_organizer
def decide(request: SignedInRequest, event: Event) -> HttpResponse:
    """Decide about the ticked applications."""
    form = DecisionForm(event, request.POST)
    if not form.is_valid():
        messages.error(request, "Choose applications of this event, and what becomes of them.")
        return redirect("applications", event.slug)
    chosen, decision = form.cleaned_data["chosen"], cast(Decision, form.cleaned_data["decision"])
    number = len(set(chosen))
    done = f"{number} application{'s' * (number != 1)}: {decision}."
    attempt(request, lambda: actions.decide(event, chosen, decision, request.user), done)
    return redirect("applications", event.slug)


@event_organizer
def application(request: SignedInRequest, event: Event, application: int) -> HttpResponse:
    """One application with its answers and the organizers' notes."""
    related = Application.objects.select_related("invitation", "decided_by", "event")
    found = get_object_or_404(related, pk=application, event=event)
    form = NotesForm(request.POST if request.method == "POST" else None, initial={"notes": found.notes})
    if form.is_valid():
        actions.note(found, form.cleaned_data["notes"], request.user)
        messages.success(request, "The notes are kept.")
        return redirect("application", event.slug, found.pk)
    context = {
        "event": event,
        "application": found,
        "answers": found.answers.select_related("question"),
        "form": form,
        "decisions": [
            (name, label)
            for name, label in DecisionForm.base_fields["decision"].choices  # type: ignore[attr-defined]
            if may_become(found.state, name)
        ],
    }
    return render(request, "applications/application.html", context)


@event_organizer
def intake(request: SignedInRequest, event: Event) -> HttpResponse:
    """How the event takes applications, and what it asks."""
    form = IntakeForm(
        event, request.POST if request.method == "POST" else None, instance=queries.intake_of(event)
    )
    if form.is_valid():
        try:
            change_event(event, actor=request.user, code_of_conduct=form.cleaned_data["code_of_conduct"])
            actions.change_intake(event, request.user, **form.values())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.subject} {refusal.text}")
        else:
            messages.success(request, "Applications are taken so from now on.")
            return redirect("intake", event.slug)
    context = {
        "event": event,
        "form": form,
        "questions": queries.questions_of(event),
        "intake": (kept := queries.intake_of(event)),
        "is_public": is_public(kept, timezone.now()),
    }
    return render(request, "applications/intake.html", context, status=UNPROCESSABLE if form.errors else 200)


@event_organizer
def question_new(request: SignedInRequest, event: Event) -> HttpResponse:
    """Ask applicants something."""
    form = QuestionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        actions.ask(event, request.user, **form.cleaned_data)
        messages.success(request, "The question is on the form.")
        return redirect("intake", event.slug)
    return render(request, "applications/question.html", {"event": event, "form": form})


@event_organizer
def question_edit(request: SignedInRequest, event: Event, question: int) -> HttpResponse:
    """Change a question. Answers that it has stay with the old one."""
    found = get_object_or_404(Question, pk=question, event=event, retired_at=None)
    form = QuestionForm(request.POST if request.method == "POST" else None, instance=found)
    if form.is_valid():
        fresh = Question.objects.select_related("event").get(pk=found.pk)
        actions.change_question(fresh, request.user, **form.cleaned_data)
        messages.success(request, "The question is changed.")
        return redirect("intake", event.slug)
    context = {"event": event, "form": form, "question": found, "answered": found.answers.count()}
    return render(request, "applications/question.html", context)


@require_POST
@event_organizer
def question_remove(request: SignedInRequest, event: Event, question: int) -> HttpResponse:
    """Ask it no more."""
    found = get_object_or_404(
        Question.objects.select_related("event"), pk=question, event=event, retired_at=None
    )
    actions.stop_asking(found, request.user)
    messages.success(request, "The question is off the form. Answers that it has are kept.")
    return redirect("intake", event.slug)


@event_organizer
def invite_by_roster(request: SignedInRequest, event: Event) -> HttpResponse:
    """Invite by a CSV file: shows what it says and each fault; invites all or nobody."""
    uploading = request.method == "POST"
    form = RosterForm(request.POST if uploading else None, request.FILES if uploading else None)
    found = roster.read(form.cleaned_data["file"].read(), event) if form.is_valid() else None
    if found is not None and not found.faults and "invite" in request.POST:
        try:
            number = roster.invite_roster(event, found, request.user)
        except Refusal as refusal:
            form.add_error("file", [refusal.subject, *refusal.text.splitlines()])
        else:
            messages.success(request, f"{number} people are invited.")
            return redirect("invitations", event.slug)
    status = UNPROCESSABLE if form.errors or (found and found.faults) else 200
    context = {"event": event, "form": form, "roster": found, "columns": roster.COLUMNS}
    return render(request, "applications/roster.html", context, status=status)


@require_safe
@event_organizer
def roster_sample(request: SignedInRequest, event: Event) -> HttpResponse:
    """A CSV file to begin with."""
    headers = {"Content-Disposition": 'attachment; filename="roster.csv"'}
    return HttpResponse(roster.SAMPLE, content_type="text/csv; charset=utf-8", headers=headers)
