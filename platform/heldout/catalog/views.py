"""A challenge's files, and the buttons of the control room."""

from collections.abc import Callable
from pathlib import Path

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from heldout import files
from heldout.catalog import actions
from heldout.catalog.access import find_challenge
from heldout.catalog.models import Challenge
from heldout.catalog.queries import builtin_named, given_file, preview_file
from heldout.events.access import SignedInRequest, event_member, event_organizer
from heldout.events.models import Event
from heldout.events.rules import Refusal

YEAR_SECONDS = 31_536_000


@require_safe
@event_member
def challenge_data(request: SignedInRequest, event: Event, challenge: str) -> StreamingHttpResponse:
    """The archive that teams are given."""
    found = find_challenge(event, challenge, request.user)
    return files.send(_present(given_file(found)), "application/zip", download_as=f"{found.slug}.zip")


@require_safe
@event_member
def challenge_preview(request: SignedInRequest, event: Event, challenge: str) -> StreamingHttpResponse:
    """The contact sheet of the given data."""
    found = find_challenge(event, challenge, request.user)
    response = files.send(_present(preview_file(found)), "image/png")
    response["Cache-Control"] = f"private, max-age={YEAR_SECONDS // 365}"
    return response


def _present(file: Path | None) -> Path:
    if file is None or not file.exists():
        raise Http404("the challenge has no such file yet")
    return file


@require_POST
@event_organizer
def add_challenge(request: SignedInRequest, event: Event) -> HttpResponse:
    """Put a built-in bundle at the end of the event."""
    name = request.POST.get("bundle", "")
    folder = builtin_named(name)
    if folder is None:
        raise Http404(f"there is no built-in bundle {name!r}")
    return _act(
        request,
        event,
        lambda: actions.append_builtin(event, folder, request.user),
        "{} is added. Run its self-test next.",
    )


@require_POST
@event_organizer
def prepare_challenge(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """Start a challenge's self-test."""
    found = get_object_or_404(Challenge, event=event, slug=challenge)
    return _act(
        request, event, lambda: actions.prepare(found, request.user).challenge, "The self-test of {} runs."
    )


@require_POST
@event_organizer
def open_challenge(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """Open a challenge to everybody in the event."""
    found = get_object_or_404(Challenge, event=event, slug=challenge)
    return _act(request, event, lambda: actions.open_challenge(found, request.user), "{} is open.")


@require_POST
@event_organizer
def close_challenge(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """Take no more submissions to a challenge."""
    found = get_object_or_404(Challenge, event=event, slug=challenge)
    return _act(request, event, lambda: actions.close_challenge(found, request.user), "{} is closed.")


def _act(request: SignedInRequest, event: Event, action: Callable[[], Challenge], done: str) -> HttpResponse:
    """Do it, say how it went, and go back to the control room."""
    try:
        messages.success(request, done.format(action().title))
    except Refusal as refusal:
        messages.error(request, f"{refusal.subject} {refusal.text}")
    return redirect("control", event.slug)
