"""The door of an open session: a list of who is registered, and where a scanned code leads."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from heldout.events import attendance as door
from heldout.events import ticket
from heldout.events.access import SignedInRequest, event_crew
from heldout.events.answers import attempt
from heldout.events.models import Event, Registration, Session
from heldout.spreadsheets import to_csv


@never_cache
@require_safe
@event_crew
def attendance(request: SignedInRequest, event: Event, session: int) -> HttpResponse:
    """Who is registered and who came, with a search."""
    found, text = _open(event, session), _searched(request.GET.get("q", ""))
    context = {
        "event": event,
        "session": found,
        "counts": door.counts(found),
        "registered": door.registered_in(found, text),
        "q": text,
    }
    return render(request, "events/attendance.html", context)


@require_safe
@event_crew
def attendance_csv(request: SignedInRequest, event: Event, session: int) -> HttpResponse:
    """Who came, for a spreadsheet."""
    found = _open(event, session)
    headers = {"Content-Disposition": f'attachment; filename="attendance-{found.pk}.csv"'}
    return HttpResponse(to_csv(door.table(found)), content_type="text/csv; charset=utf-8", headers=headers)


@require_POST
@event_crew
def check_in(request: SignedInRequest, event: Event, session: int, registration: int) -> HttpResponse:
    """Check somebody in by hand."""
    found = _registration(event, session, registration)
    attempt(request, lambda: door.check_in(found, request.user), f"{found.name} is checked in.")
    return _back(request, event, session)


@require_POST
@event_crew
def undo_check_in(request: SignedInRequest, event: Event, session: int, registration: int) -> HttpResponse:
    """Take a check-in back."""
    found = _registration(event, session, registration)
    attempt(
        request, lambda: door.undo_check_in(found, request.user), f"{found.name} is not checked in any more."
    )
    return _back(request, event, session)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@event_crew
def scanned(request: SignedInRequest, event: Event, code: str) -> HttpResponse:
    """Where a scanned code leads: says who it is, and checks in with one tap."""
    found = ticket.registration_with(code, event)
    if found is None:
        raise Http404("no registration has this code")
    if request.method == "POST":
        attempt(request, lambda: door.check_in(found, request.user), f"{found.name} is checked in.")
        return redirect("scanned", event.slug, code)
    context = {"event": event, "session": found.session, "registration": found}
    return render(request, "events/scanned.html", context)


def _open(event: Event, session: int) -> Session:
    return get_object_or_404(Session.objects.select_related("event"), pk=session, event=event, is_open=True)


def _registration(event: Event, session: int, registration: int) -> Registration:
    related = Registration.objects.select_related("session__event")
    return get_object_or_404(related, pk=registration, session=session, session__event=event)


def _back(request: HttpRequest, event: Event, session: int) -> HttpResponse:
    """The list, as it was searched."""
    address = reverse("attendance", args=[event.slug, session])
    text = _searched(request.POST.get("q", ""))
    return redirect(f"{address}?{urlencode({'q': text})}" if text else address)


def _searched(raw: str) -> str:
    """What is looked for; a database takes no zero bytes."""
    return raw.replace("\0", "").strip()[:100]
