"""What leaves the site: an event's data for its organizers, and what people take home."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from heldout import files
from heldout.events.access import SignedInRequest, event_member, event_organizer
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.operations import archives, certificates
from heldout.operations.tables import TABLES
from heldout.spreadsheets import to_csv
from heldout.teams.models import Team
from heldout.teams.queries import team_of


@require_safe
@event_organizer
def exports(request: SignedInRequest, event: Event) -> HttpResponse:
    """What can be exported."""
    context = {"event": event, "tables": list(TABLES), "teams": Team.objects.filter(event=event)}
    return render(request, "operations/exports.html", context)


@require_safe
@event_organizer
def export_table(request: SignedInRequest, event: Event, table: str, form: str) -> HttpResponse:
    """One table as CSV or JSON."""
    if table not in TABLES:
        raise Http404(f"there is no table {table!r}; there are {', '.join(TABLES)}")
    rows = TABLES[table](event)
    content = to_csv(rows) if form == "csv" else archives.to_json(list(rows))
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    name = content_disposition_header(True, f"{event.slug}-{table}.{form}") or ""
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": name})


@require_safe
@event_organizer
def export_all(request: SignedInRequest, event: Event) -> HttpResponseBase:
    """Everything in one zip."""
    archive = archives.event_archive(event)
    return files.send(archive, "application/zip", download_as=f"{event.slug}.zip", once=True)


@require_safe
@event_organizer
def take_home_of(request: SignedInRequest, event: Event, team: int) -> HttpResponseBase:
    """A team's archive, for organizers at any time."""
    return _archive(get_object_or_404(Team.objects.select_related("event"), pk=team, event=event))


@require_safe
@event_member
def take_home(request: SignedInRequest, event: Event) -> HttpResponseBase:
    """What our team takes home, once the event is over."""
    ours = _ours(request, event)
    if timezone.now() < event.ends_at:
        messages.error(request, "There is something to take home when the event is over.")
        return redirect("team", event.slug)
    return _archive(ours)


@require_safe
@event_member
def certificate(request: SignedInRequest, event: Event) -> HttpResponse:
    """The reader's own certificate, once the event is over."""
    ours = _ours(request, event)
    if timezone.now() < event.ends_at:
        messages.error(request, "Certificates come when the event is over.")
        return redirect("team", event.slug)
    try:
        content = certificates.pdf(certificates.certificate_of(str(request.user), ours))
    except Refusal as refusal:
        messages.error(request, f"{refusal.subject} {refusal.text}")
        return redirect("team", event.slug)
    name = content_disposition_header(True, f"{event.slug}-certificate.pdf") or ""
    headers = {"Content-Disposition": name}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _ours(request: SignedInRequest, event: Event) -> Team:
    team = team_of(request.user, event)
    if team is None:
        raise Http404("only members of a team take something home")
    return get_object_or_404(Team.objects.select_related("event"), pk=team.pk)


def _archive(team: Team) -> HttpResponseBase:
    archive = archives.take_home(team)
    return files.send(archive, "application/zip", download_as=f"{team.event.slug}-{team.name}.zip", once=True)
