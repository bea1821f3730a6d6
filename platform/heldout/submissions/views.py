"""Handing in and taking back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from heldout.catalog.access import find_published
from heldout.catalog.models import Challenge
from heldout.events.access import SignedInRequest, event_member, event_organizer
from heldout.events.answers import attempt
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.submissions import actions, uploads
from heldout.submissions.models import Submission
from heldout.submissions.queries import submission_or_none, submission_row
from heldout.submissions.rules import may_cancel, refuse_hand_in
from heldout.teams.queries import team_of
from heldout.teams.rules import is_member


@csrf_exempt  # `uploads.receive` makes the check, after it has set the limit for the file.
@require_POST
@event_member
def submit(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """Take a file from a form; answers htmx with the new submission's card, a plain form with a redirect.

    `?rehearsal` asks for a free run. The address tells, so that a submission without a try left is
    refused before its file is read.
    """
    found = find_published(event, challenge, request.user)
    try:
        submission = _receive(request, found)
    except Refusal as refusal:
        return _refuse(request, found, refusal)
    if request.htmx:
        return render(request, "submissions/live_card.html", card_context(request, submission), status=201)
    messages.success(request, f"{submission.label} is in.")
    return redirect("submission", event.slug, submission.pk)


def _receive(request: SignedInRequest, challenge: Challenge) -> Submission:
    team = team_of(request.user, challenge.event)
    if team is None:
        raise Refusal("You are in no team.", "Only teams hand things in. Make or join one first.")
    rehearsal = "rehearsal" in request.GET
    refuse_hand_in(request.user, team, challenge, timezone.now(), rehearsal=rehearsal)
    upload = uploads.receive(request, limit_mb=challenge.bundle.manifest.limits.artefact_mb)
    return actions.submit(
        challenge=challenge,
        team=team,
        author=request.user,
        upload=upload,
        note=request.POST.get("note", ""),
        rehearsal=rehearsal,
    )


def _refuse(request: SignedInRequest, challenge: Challenge, refusal: Refusal) -> HttpResponse:
    if request.htmx:
        return render(request, "submissions/refusal.html", {"refusal": refusal}, status=422)
    messages.error(request, f"{refusal.subject} {refusal.text}")
    return redirect("challenge", challenge.event.slug, challenge.slug)


@require_POST
@event_member
def cancel_submission(request: SignedInRequest, event: Event, submission: UUID) -> HttpResponse:
    """Take a submission back."""
    found = submission_or_none(event, submission, request.user)
    if found is None:
        raise Http404(f"no submission {submission} for this viewer")
    if not may_cancel(request.user, found):
        raise PermissionDenied
    try:
        actions.cancel(found, request.user)
        messages.success(request, f"{found.label} is cancelled. It cost no try.")
    except Refusal as refusal:
        messages.error(request, f"{refusal.subject} {refusal.text}")
    return redirect("challenge", event.slug, found.challenge.slug)


@require_POST
@event_organizer
def retry_submission(request: SignedInRequest, event: Event, submission: UUID) -> HttpResponse:
    """Run a submission again that failed by a fault of ours."""
    found = submission_or_none(event, submission, request.user)
    if found is None:
        raise Http404(f"no submission {submission} for this viewer")
    attempt(request, lambda: actions.retry(found, request.user), f"{found.label} is being run again.")
    return redirect("submission", event.slug, found.pk)


@require_POST
@event_member
def submit_rehearsed(request: SignedInRequest, event: Event, submission: UUID) -> HttpResponse:
    """Hand in for real what was rehearsed."""
    found = submission_or_none(event, submission, request.user)
    if found is None:
        raise Http404(f"no submission {submission} for this viewer")
    if not is_member(request.user, found.team):
        raise PermissionDenied
    try:
        handed_in = actions.submit_rehearsed(found, request.user)
    except Refusal as refusal:
        messages.error(request, f"{refusal.subject} {refusal.text}")
        return redirect("submission", event.slug, found.pk)
    messages.success(request, f"{handed_in.label} is in: the file of rehearsal {found.number}.")
    return redirect("submission", event.slug, handed_in.pk)


def card_context(request: SignedInRequest, submission: Submission) -> dict[str, Any]:
    """What a submission's card shows."""
    return {
        "event": submission.challenge.event,
        "challenge": submission.challenge,
        "row": submission_row(submission),
        "may_cancel": may_cancel(request.user, submission),
        "is_member": is_member(request.user, submission.team),
    }
