"""The page on which two submissions of a challenge stand side by side."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from heldout.events.access import SignedInRequest, event_member
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.leaderboards.side_by_side import others, usual_other
from heldout.submissions.models import Submission
from heldout.submissions.queries import submission_or_none
from heldout.web.comparing import compared


@require_safe
@event_member
def compare(request: SignedInRequest, event: Event, submission: UUID) -> HttpResponse:
    """A submission beside that of `?with=`, or beside the team's best."""
    first = _visible(request, event, str(submission))
    asked = request.GET.get("with", "")
    second = _visible(request, event, asked) if asked else usual_other(first)
    context: dict[str, Any] = {"event": event, "challenge": first.challenge, "first": first, "second": second}
    context |= {"others": others(first), "pair": None, "refusal": None}
    try:
        context["pair"] = compared(first, second, request.user) if second else None
    except Refusal as refusal:
        context["refusal"] = refusal
    return render(request, "submissions/compare.html", context)


def _visible(request: HttpRequest, event: Event, asked: str) -> Submission:
    try:
        found = submission_or_none(event, UUID(asked), request.user)
    except ValueError:
        found = None
    if found is None:
        raise Http404(f"no submission {asked!r} for this viewer")
    return found
