"""What teams choose to be ranked by, and the stage on which organizers tell the final board."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from heldout.catalog.access import find_challenge
from heldout.catalog.models import Challenge
from heldout.events.access import SignedInRequest, event_member, event_organizer
from heldout.events.answers import attempt
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.leaderboards import deciding
from heldout.leaderboards.freezing import rules_of
from heldout.leaderboards.models import FinalBy, FinalChoice
from heldout.leaderboards.queries import final_text
from heldout.leaderboards.revealing import stage
from heldout.submissions.models import Submission, SubmissionState
from heldout.submissions.queries import submissions_of
from heldout.teams.queries import team_of


@require_safe
@event_member
def choices(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """The team's scored submissions, to choose from."""
    found, rules = find_challenge(event, challenge, request.user), rules_of(event)
    team = team_of(request.user, event)
    if team is None or rules.final_by != FinalBy.CHOSEN:
        raise Http404("nothing to choose for this viewer")
    rows = [row for row in submissions_of(team, found) if row.state == "scored" and not row.rehearsal]
    chosen = set(FinalChoice.objects.filter(challenge=found, team=team).values_list("submission", flat=True))
    context = {
        "event": event,
        "challenge": found,
        "rows": [(row, row.submission.pk in chosen) for row in rows],
        "chosen": len(chosen),
        "limit": rules.chosen_limit,
        "rule": final_text(rules),
    }
    return render(request, "leaderboards/choices.html", context)


@require_POST
@event_member
def choose(request: SignedInRequest, event: Event, submission: UUID) -> HttpResponse:
    """Choose a submission of the own team, or take it back."""
    team = team_of(request.user, event)
    found = get_object_or_404(
        Submission.objects.select_related("challenge__event", "challenge__bundle", "team"),
        pk=submission,
        team=team,
        challenge__event=event,
        rehearsal=False,
        state=SubmissionState.SCORED,
    )
    if "take_back" in request.POST:
        attempt(request, lambda: deciding.take_back(found, request.user), "It is taken back.")
    else:
        attempt(request, lambda: deciding.choose(found, request.user), f"{found.label} is chosen.")
    if rules_of(event).final_by != FinalBy.CHOSEN:
        return redirect("challenge", event.slug, found.challenge.slug)
    return redirect("final_choices", event.slug, found.challenge.slug)


@never_cache
@require_safe
@event_organizer
def reveal(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """The stage at its present step: nothing that has not been told is in it."""
    found = _find(event, challenge)
    return render(request, "leaderboards/reveal.html", {"event": event, "stage": stage(found)})


@require_POST
@event_organizer
def step(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """Go on or back by one team."""
    found = _find(event, challenge)
    raw = request.POST.get("to", "")
    try:
        deciding.go_to(found, int(raw) if raw.isdecimal() and len(raw) < 7 else 0, request.user)
    except Refusal as refusal:
        messages.error(request, f"{refusal.subject} {refusal.text}")
    return redirect("reveal", event.slug, challenge)


@require_POST
@event_organizer
def publish(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """Let everybody see the final board, or hide it again."""
    found = _find(event, challenge)
    if "hide" in request.POST:
        done = "The final board is hidden again."
        attempt(request, lambda: deciding.take_back_final(found, request.user), done)
    else:
        done = "Everybody sees the final board now."
        attempt(request, lambda: deciding.publish_final(found, request.user), done)
    return redirect("reveal", event.slug, challenge)


def _find(event: Event, slug: str) -> Challenge:
    related = Challenge.objects.select_related("event", "bundle", "preparation")
    return get_object_or_404(related, event=event, slug=slug)
