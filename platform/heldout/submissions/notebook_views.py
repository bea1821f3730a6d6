"""The team's lab notebook: read by the team, its coach and the organizers, kept by the team."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from heldout.catalog.models import Challenge
from heldout.events.access import SignedInRequest, event_member
from heldout.events.answers import attempt
from heldout.events.models import Event
from heldout.spreadsheets import to_csv
from heldout.submissions import notebook as book
from heldout.submissions.queries import submission_or_none
from heldout.teams.models import Team
from heldout.teams.rules import is_member, may_see_team


@require_safe
@event_member
def notebook(request: SignedInRequest, event: Event, team: int) -> HttpResponse:
    """What the team changed each time, and what it gave; `?challenge` shows one challenge alone."""
    found = _team(request, event, team)
    asked = Challenge.objects.filter(event=event, slug=request.GET.get("challenge", "")).first()
    context = {
        "event": event,
        "team": found,
        "entries": book.entries(found, asked),
        "challenges": Challenge.objects.filter(submissions__team=found).distinct(),
        "asked": asked,
        "is_ours": is_member(request.user, found),
    }
    return render(request, "submissions/notebook.html", context)


@require_safe
@event_member
def notebook_csv(request: SignedInRequest, event: Event, team: int) -> HttpResponse:
    """The notebook for a spreadsheet."""
    found = _team(request, event, team)
    name = content_disposition_header(True, f"{event.slug}-{found.name}-notebook.csv") or ""
    content = to_csv(book.rows(book.entries(found)))
    return HttpResponse(
        content, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name}
    )


@require_POST
@event_member
def change_note(request: SignedInRequest, event: Event, submission: UUID) -> HttpResponse:
    """Say better what was changed."""
    found = submission_or_none(event, submission, request.user)
    if found is None:
        raise Http404(f"no submission {submission} for this viewer")
    note = request.POST.get("note", "")
    attempt(request, lambda: book.change_note(found, note, request.user), "The note is kept.")
    return redirect("notebook", event.slug, found.team_id)


def _team(request: SignedInRequest, event: Event, team: int) -> Team:
    found = get_object_or_404(Team.objects.select_related("event", "coach"), pk=team, event=event)
    if not may_see_team(request.user, found):
        raise Http404("the notebook of another team")
    return found
