"""An event's agenda, and the public pages of its open sessions."""

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from heldout.events import agenda as actions
from heldout.events import agenda_queries as queries
from heldout.events import ticket
from heldout.events.access import SignedInRequest, event_member, event_organizer
from heldout.events.answers import attempt
from heldout.events.calendar import calendar
from heldout.events.forms import RegistrationForm, SessionForm
from heldout.events.models import Event, Session
from heldout.events.rules import Refusal, is_crew, is_organizer


@require_safe
@event_member
def agenda(request: SignedInRequest, event: Event) -> HttpResponse:
    """The event's sessions by day, in its time zone."""
    context = {
        "event": event,
        "days": queries.agenda(event, timezone.now()),
        "organizes": is_organizer(request.user, event),
        "is_crew": is_crew(request.user, event),
        "feed": queries.feed_token(event, request.user),
    }
    return render(request, "events/agenda.html", context)


@event_organizer
def session_new(request: SignedInRequest, event: Event) -> HttpResponse:
    """Put a session on the agenda."""
    form = SessionForm(event, request.POST or None)
    if request.method == "POST" and form.is_valid():
        session = actions.add_session(event, request.user, **form.cleaned_data)
        messages.success(request, f"{session.title} is on the agenda.")
        return redirect("agenda", event.slug)
    return render(request, "events/session_form.html", {"event": event, "form": form})


@event_organizer
def session_edit(request: SignedInRequest, event: Event, session: int) -> HttpResponse:
    """Change a session; see who registered."""
    found = get_object_or_404(Session, pk=session, event=event)
    form = SessionForm(event, request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        fresh = get_object_or_404(Session.objects.select_related("event"), pk=session)
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        attempt(
            request, lambda: actions.change_session(fresh, request.user, **values), f"{fresh} is changed."
        )
        return redirect("agenda", event.slug)
    registered = found.registrations.filter(cancelled_at=None)
    context = {"event": event, "form": form, "session": found, "registered": registered}
    return render(request, "events/session_form.html", context)


@require_POST
@event_organizer
def session_remove(request: SignedInRequest, event: Event, session: int) -> HttpResponse:
    """Take a session off the agenda."""
    found = get_object_or_404(Session.objects.select_related("event"), pk=session, event=event)
    attempt(request, lambda: actions.remove_session(found, request.user), f"{found.title} is off the agenda.")
    return redirect("agenda", event.slug)


@require_safe
def agenda_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The agenda for a calendar, which the token lets in."""
    event = queries.event_of_feed(token)
    if event is None:
        raise Http404("this calendar's address is good no more")
    return _calendar(event, list(event.sessions.all()))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def open_session(request: HttpRequest, session: int) -> HttpResponse:
    """A session that anybody may attend, with a form to register."""
    found = _open(session)
    form = RegistrationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if not ratelimit.consume(request, action="open_session", key=email.lower()):
            return render(request, "429.html", status=429)
        try:
            actions.register(found, form.cleaned_data["name"], email)
        except Refusal as refusal:
            form.add_error(None, f"{refusal.subject} {refusal.text}")
        else:
            return render(request, "events/open_session.html", _about(found) | {"email": email})
    return render(request, "events/open_session.html", _about(found) | {"form": form})


@require_safe
def open_session_feed(request: HttpRequest, session: int) -> HttpResponse:
    """An open session for a calendar."""
    found = _open(session)
    return _calendar(found.event, [found])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cancel_registration(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link in a mail leads: asks, then gives the seat back."""
    registration = actions.registration_of(token)
    if registration is None:
        raise Http404("no registration has this link")
    context = {
        "registration": registration,
        "session": registration.session,
        "event": registration.session.event,
        "code": ticket.drawing(registration) if ticket.is_good(registration) else "",
    }
    if request.method == "POST" and registration.cancelled_at is None:
        attempt(request, lambda: actions.cancel(registration), "Your registration is cancelled.")
        return redirect("cancel_registration", token)
    return render(request, "events/cancel_registration.html", context)


def _open(session: int) -> Session:
    return get_object_or_404(Session.objects.select_related("event"), pk=session, is_open=True)


def _about(session: Session) -> dict[str, object]:
    return {
        "event": session.event,
        "session": session,
        "seats_left": actions.seats_left(session),
        "is_over": session.ends_at <= timezone.now(),
    }


def _calendar(event: Event, sessions: list[Session]) -> HttpResponse:
    text = calendar(event, sessions, timezone.now())
    return HttpResponse(text, content_type="text/calendar; charset=utf-8")
