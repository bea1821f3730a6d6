"""Boards played from their first score to their last."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from heldout.catalog.access import find_challenge
from heldout.catalog.models import Challenge
from heldout.events.access import SignedInRequest, event_member
from heldout.events.models import Event
from heldout.events.rules import is_organizer
from heldout.leaderboards import shelf
from heldout.leaderboards.freezing import sight
from heldout.leaderboards.points import opened
from heldout.leaderboards.rules import is_frozen, rules_of, sees_frozen
from heldout.leaderboards.timelapse import Timelapse, of_challenge, of_points


@require_safe
@event_member
def of_a_challenge(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """A challenge's board. An organizer may show what others see of a frozen one with `?as_others`."""
    found = find_challenge(event, challenge, request.user)
    seen = sight(found, request.user, as_others="as_others" in request.GET)
    edition = shelf.edition(event.slug, found.slug)
    name = f"timelapse.{seen.state}.{seen.before}"
    timelapse = shelf.part(edition, name, lambda: of_challenge(found, seen))
    return _page(request, event, timelapse, challenge=found, frozen=seen.frozen_since is not None)


@require_safe
@event_member
def of_an_event(request: SignedInRequest, event: Event) -> HttpResponse:
    """The event's board, in the same way."""
    rules, now = rules_of(event), timezone.now()
    frozen = is_frozen(rules, now)
    hidden = sees_frozen(request.user, rules, now) or (frozen and "as_others" in request.GET)
    before = rules.freezes_at if hidden else None
    edition = shelf.edition(event.slug, "")
    timelapse = shelf.part(
        edition, f"timelapse.{before}", lambda: of_points(event, opened(event, now), rules, before)
    )
    return _page(request, event, timelapse, challenge=None, frozen=frozen)


def _page(
    request: SignedInRequest, event: Event, timelapse: Timelapse, *, challenge: Challenge | None, frozen: bool
) -> HttpResponse:
    context = {
        "event": event,
        "challenge": challenge,
        "timelapse": timelapse,
        "organizes": is_organizer(request.user, event),
        "as_others": "as_others" in request.GET,
        "frozen": frozen,
    }
    return render(request, "leaderboards/timelapse.html", context)
