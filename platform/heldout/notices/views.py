"""Announcements, questions, and the bell that says what is new."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from heldout.catalog.models import Challenge
from heldout.catalog.queries import challenges_for
from heldout.events.access import SignedInRequest, event_member, event_organizer
from heldout.events.answers import attempt
from heldout.events.models import Event
from heldout.events.rules import Refusal, is_organizer
from heldout.markdown import to_html
from heldout.notices import actions, queries
from heldout.notices.forms import AnnouncementForm, AnswerForm, EditForm, InquiryForm
from heldout.notices.models import Announcement, Inquiry
from heldout.teams.queries import team_of

UNPROCESSABLE = 422


@event_member
def notices(request: SignedInRequest, event: Event) -> HttpResponse:
    """What was announced and what has happened; organizers announce here. Looking at it marks it as read."""
    organizes = is_organizer(request.user, event)
    if request.method == "POST" and not organizes:
        raise Http404("only organizers announce")
    form = AnnouncementForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        by_mail = given.pop("by_mail")
        actions.announce(event, request.user, by_mail=by_mail, **given)
        messages.success(request, "It is announced.")
        return redirect("notices", event.slug)
    announcements = queries.announcements_for(event, request.user)
    context = {
        "event": event,
        "announcements": [(one, to_html(one.body)) for one in announcements],
        "notices": queries.notices(event, request.user),
        "organizes": organizes,
        "form": form,
        "open_questions": queries.open_inquiries(event) if organizes else 0,
    }
    response = render(request, "notices/notices.html", context, status=UNPROCESSABLE if form.errors else 200)
    if request.method == "GET" and not request.htmx:
        actions.mark_read(event, request.user)
    return response


@event_organizer
def announcement_edit(request: SignedInRequest, event: Event, announcement: int) -> HttpResponse:
    """Change an announcement."""
    found = get_object_or_404(Announcement, pk=announcement, event=event, withdrawn_at=None)
    form = EditForm(request.POST if request.method == "POST" else None, instance=found)
    if form.is_valid():
        fresh = Announcement.objects.select_related("event").get(pk=found.pk)
        actions.edit(fresh, request.user, **form.cleaned_data)
        messages.success(request, "It is changed. Readers see that it was edited.")
        return redirect("notices", event.slug)
    context = {"event": event, "form": form, "announcement": found}
    return render(request, "notices/announcement.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
@event_organizer
def announcement_withdraw(request: SignedInRequest, event: Event, announcement: int) -> HttpResponse:
    """Take an announcement off the page."""
    found = get_object_or_404(Announcement.objects.select_related("event"), pk=announcement, event=event)
    attempt(request, lambda: actions.withdraw(found, request.user), "It is withdrawn.")
    return redirect("notices", event.slug)


@require_safe
@event_member
def bell(request: SignedInRequest, event: Event) -> HttpResponse:
    """How much is new, and the newest announcement: a part of each page of the event."""
    found = queries.bell(event, request.user)
    return render(request, "notices/bell.html", {"event": event, "bell": found})


@event_member
def questions(request: SignedInRequest, event: Event) -> HttpResponse:
    """Questions and their answers; a member of a team asks here."""
    team = team_of(request.user, event)
    form = InquiryForm(_asked_about(request, event), request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            if team is None:
                raise Refusal("You are in no team of this event.", "Join a team, then ask for it.")
            actions.inquire(event, team, request.user, given.pop("text"), **given)
        except Refusal as refusal:
            form.add_error(None, f"{refusal.subject} {refusal.text}")
        else:
            messages.success(request, "It is asked. The answer shows here, and under Notices.")
            return redirect("questions", event.slug)
    which = {"open": False, "answered": True}.get(request.GET.get("show", ""))
    context = {
        "event": event,
        "rows": queries.inquiries_for(event, request.user, answered=which),
        "show": request.GET.get("show", ""),
        "team": team,
        "form": form,
        "organizes": is_organizer(request.user, event),
    }
    return render(request, "notices/questions.html", context, status=UNPROCESSABLE if form.errors else 200)


def _asked_about(request: SignedInRequest, event: Event) -> list[Challenge]:
    cards = challenges_for(event, request.user)
    return [card.challenge for card in cards if card.state not in queries.HIDDEN_STATES]


@require_POST
@event_member
def question_answer(request: SignedInRequest, event: Event, question: int) -> HttpResponse:
    """Answer a question."""
    found, form = _question(request, event, question), AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"It was not answered: {form.errors['answer'][0]}")
        return redirect("questions", event.slug)
    words = form.cleaned_data["answer"]
    attempt(request, lambda: actions.answer(found, words, request.user), "It is answered.")
    return redirect("questions", event.slug)


@require_POST
@event_member
def question_public(request: SignedInRequest, event: Event, question: int) -> HttpResponse:
    """Let everybody read it, or its team alone: the other of the two."""
    found = _question(request, event, question)
    public = not found.is_public
    done = "Everybody reads it now, without the team's name." if public else "Only its team reads it now."
    attempt(request, lambda: actions.set_public(found, public, request.user), done)
    return redirect("questions", event.slug)


def _question(request: SignedInRequest, event: Event, question: int) -> Inquiry:
    found = queries.inquiry_or_none(event, question, request.user)
    if found is None:
        raise Http404(f"no question {question} for this reader")
    return found
