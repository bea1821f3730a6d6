"""Boards played from their first score to their last."""

from collections.abc import Callable

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
    name = f"timelapse.{seen.state}.{seen.before}"
    return _answer(request, event, found, name, lambda: of_challenge(found, seen))


@require_safe
@event_member
def of_an_event(request: SignedInRequest, event: Event) -> HttpResponse:
    """The event's board, in the same way."""
    rules, now = rules_of(event), timezone.now()
    as_others = "as_others" in request.GET and is_frozen(rules, now)
    before = rules.freezes_at if as_others or sees_frozen(request.user, rules, now) else None
    name = f"timelapse.{before}"
    return _answer(request, event, None, name, lambda: of_points(event, opened(event, now), rules, before))


def _answer(
    request: SignedInRequest,
    event: Event,
    challenge: Challenge | None,
    name: str,
    make: Callable[[], Timelapse],
) -> HttpResponse:
    edition = shelf.edition(event.slug, challenge.slug if challenge else "")
    context = {
        "event": event,
        "challenge": challenge,
        "timelapse": shelf.part(edition, name, make),
        "organizes": is_organizer(request.user, event),
        "as_others": "as_others" in request.GET,
        "frozen": is_frozen(rules_of(event), timezone.now()),
    }
    return render(request, "leaderboards/timelapse.html", context)
