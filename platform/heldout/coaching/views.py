"""The coach's page, and a team's raised hand."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from heldout.accounts.models import User
from heldout.catalog.access import find_challenge
from heldout.catalog.models import Challenge
from heldout.catalog.passing import sign_off as give_sign_off
from heldout.catalog.passing import withdraw_sign_off as take_back
from heldout.coaching import actions, queries
from heldout.coaching.access import event_coach, find_call, find_coached
from heldout.events.access import SignedInRequest, event_member
from heldout.events.answers import attempt
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.markdown import to_html
from heldout.teams.queries import team_of
from heldout.teams.rules import may_coach


@require_safe
@event_coach
def cockpit(request: SignedInRequest, event: Event) -> HttpResponse:
    """Who has raised a hand, what waits for a sign-off, and where each team stands."""
    found = queries.cockpit(event, request.user, timezone.now())
    return render(request, "coaching/cockpit.html", {"event": event, "cockpit": found})


@require_safe
@event_coach
def coaching(request: SignedInRequest, event: Event, team: int, challenge: str) -> HttpResponse:
    """One team on one challenge: checklist, sign-off, hints to open, the coach's guide."""
    found_team, found = find_coached(event, team, challenge, request.user)
    context = {
        "event": event,
        "team": found_team,
        "challenge": found,
        "cell": queries.cell_of(found_team, found, timezone.now()),
        "hints": queries.all_hints(found, found_team),
        "hand": queries.raised_hand(found, found_team),
        "guide": to_html(found.bundle.coach_guide),
    }
    return render(request, "coaching/coaching.html", context)


@require_POST
@event_coach
def sign_off(request: SignedInRequest, event: Event, team: int, challenge: str) -> HttpResponse:
    """Tick the evidence that was seen; with all of it, the challenge is signed off."""
    found_team, found = find_coached(event, team, challenge, request.user)
    seen, note = request.POST.getlist("seen"), request.POST.get("note", "")
    attempt(
        request,
        lambda: give_sign_off(found, found_team, request.user, seen=seen, note=note),
        f"{found_team}, {found}: noted.",
    )
    return _back(request, event, team, challenge)


@require_POST
@event_coach
def withdraw_sign_off(request: SignedInRequest, event: Event, team: int, challenge: str) -> HttpResponse:
    """Take a sign-off back, with a reason."""
    found_team, found = find_coached(event, team, challenge, request.user)
    reason = request.POST.get("reason", "")
    attempt(
        request,
        lambda: take_back(found, found_team, request.user, reason),
        f"The sign-off of {found} for {found_team} is withdrawn.",
    )
    return redirect("coaching", event.slug, team, challenge)


@require_POST
@event_coach
def open_hint(request: SignedInRequest, event: Event, team: int, challenge: str) -> HttpResponse:
    """Show a hint to the team."""
    found_team, found = find_coached(event, team, challenge, request.user)
    title = request.POST.get("title", "")
    attempt(
        request,
        lambda: actions.open_hint(found, found_team, title, request.user),
        f"{found_team} can read “{title}” now.",
    )
    return redirect("coaching", event.slug, team, challenge)


@require_POST
@event_member
def raise_hand(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """Call the coach to a challenge."""
    found = find_challenge(event, challenge, request.user)
    words = request.POST.get("words", "")
    attempt(request, lambda: _raise_hand(found, request.user, words), "Your hand is up. Your coach sees it.")
    return redirect("challenge", event.slug, challenge)


def _raise_hand(challenge: Challenge, user: User, words: str) -> None:
    team = team_of(user, challenge.event)
    if team is None:
        raise Refusal("You are in no team.", "Make or join one first.")
    actions.raise_hand(challenge, team, user, words)


@require_POST
@event_coach
def claim_call(request: SignedInRequest, event: Event, call: int) -> HttpResponse:
    """Tell a team that one comes."""
    found = find_call(event, call, request.user)
    attempt(request, lambda: actions.claim(found, request.user), f"{found.team} knows that you come.")
    return redirect("cockpit", event.slug)


@require_POST
@event_member
def close_call(request: SignedInRequest, event: Event, call: int) -> HttpResponse:
    """End a call: its coach from the cockpit, or the team from the challenge's page."""
    found = find_call(event, call, request.user)
    attempt(request, lambda: actions.close(found, request.user), "The call is closed.")
    if may_coach(request.user, found.team):
        return redirect("cockpit", event.slug)
    return redirect("challenge", event.slug, found.challenge.slug)


def _back(request: SignedInRequest, event: Event, team: int, challenge: str) -> HttpResponse:
    """To the page that the form was on."""
    if "queue" in request.POST:
        return redirect("cockpit", event.slug)
    return redirect("coaching", event.slug, team, challenge)
