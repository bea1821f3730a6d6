"""How an event's boards end: the rules, the freeze, the reveal on stage, the final boards, teams' choices."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from heldout.catalog.access import find_challenge
from heldout.catalog.models import Challenge
from heldout.events.access import SignedInRequest, event_member, event_organizer
from heldout.events.answers import attempt
from heldout.events.models import Event
from heldout.events.rules import Refusal, is_organizer
from heldout.leaderboards import ending, final
from heldout.leaderboards.forms import BoardRulesForm
from heldout.leaderboards.rules import is_frozen, rules_of
from heldout.leaderboards.simulated import preview
from heldout.submissions.models import Submission
from heldout.submissions.queries import submission_or_none


@event_organizer
def board_rules(request: SignedInRequest, event: Event) -> HttpResponse:
    """When the boards freeze, what counts in the end, and the way to the reveal."""
    rules = rules_of(event)
    form = BoardRulesForm(event, request.POST if request.method == "POST" else None, instance=rules)
    is_sound = form.is_valid()
    if is_sound and "preview" not in request.POST:
        try:
            ending.change_rules(event, request.user, **form.values())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.subject} {refusal.text}")
        else:
            messages.success(request, "The boards keep to these rules from now on.")
            return redirect("board_rules", event.slug)
    formula = form.instance if is_sound else rules_of(event)
    context = {
        "event": event,
        "form": form,
        "simulated": preview(formula.rank_bonus, formula.growth_bonus),
        "previewed": is_sound,
        "rules": rules_of(event),
        "frozen": is_frozen(rules_of(event), timezone.now()),
        "challenges": Challenge.objects.filter(event=event, opened_at__isnull=False),
    }
    return render(request, "leaderboards/rules.html", context, status=422 if form.errors else 200)


@require_POST
@event_organizer
def freeze_boards(request: SignedInRequest, event: Event) -> HttpResponse:
    """Freeze now."""
    attempt(request, lambda: ending.freeze(event, request.user), "The boards stand still for others now.")
    return redirect("board_rules", event.slug)


@require_POST
@event_organizer
def unfreeze_boards(request: SignedInRequest, event: Event) -> HttpResponse:
    """Let them move again."""
    attempt(request, lambda: ending.unfreeze(event, request.user), "The boards move again.")
    return redirect("board_rules", event.slug)


@require_POST
@event_organizer
def publish_final(request: SignedInRequest, event: Event) -> HttpResponse:
    """Show everybody the final boards."""
    attempt(request, lambda: ending.publish_final(event, request.user), "Everybody sees the final boards.")
    return redirect("board_rules", event.slug)


@require_POST
@event_organizer
def take_back_final(request: SignedInRequest, event: Event) -> HttpResponse:
    """Hide the final boards again."""
    attempt(request, lambda: ending.take_back_final(event, request.user), "The final boards are hidden.")
    return redirect("board_rules", event.slug)


@never_cache
@require_safe
@event_organizer
def reveal(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """The final board for the stage, one place a step. What is still to come is not in the page."""
    found = find_challenge(event, challenge, request.user)
    step = request.GET.get("step", "0")
    shown = final.reveal(found, int(step) if step.isdecimal() and len(step) < 6 else 0)
    return render(request, "leaderboards/reveal.html", {"event": event, "challenge": found, "reveal": shown})


@require_safe
@event_member
def final_board(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """The final board; for all but organizers there is none until it is published."""
    found = find_challenge(event, challenge, request.user)
    if not final.may_see_final(request.user, rules_of(event)):
        raise Http404("the final boards are not published")
    context = {
        "event": event,
        "challenge": found,
        "board": final.final_board(found),
        "organizes": is_organizer(request.user, event),
    }
    return render(request, "leaderboards/final.html", context)


@require_POST
@event_member
def choose_submission(request: SignedInRequest, event: Event, submission: UUID) -> HttpResponse:
    """Let a submission count in the end."""
    found = _submission(request, event, submission)
    attempt(request, lambda: ending.choose(found, request.user), f"{found.label} counts in the end.")
    return redirect("submission", event.slug, submission)


@require_POST
@event_member
def take_choice_back(request: SignedInRequest, event: Event, submission: UUID) -> HttpResponse:
    """Let it count no more."""
    found = _submission(request, event, submission)
    attempt(
        request, lambda: ending.take_choice_back(found, request.user), f"{found.label} is not chosen now."
    )
    return redirect("submission", event.slug, submission)


def _submission(request: SignedInRequest, event: Event, submission: UUID) -> Submission:
    found = submission_or_none(event, submission, request.user)
    if found is None:
        raise Http404(f"no submission {submission} for this viewer")
    return get_object_or_404(Submission.objects.select_related("challenge__event"), pk=found.pk)
