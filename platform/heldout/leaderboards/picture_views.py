"""The pictures of a board, on a page and as files."""

from typing import Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from heldout.catalog.access import find_challenge
from heldout.events.access import SignedInRequest, event_member
from heldout.events.models import Event
from heldout.leaderboards import serving, shelf
from heldout.leaderboards.pictures import Picture, pictures
from heldout.leaderboards.tickets import Entry, enter

TYPES = {"svg": "image/svg+xml", "csv": "text/csv; charset=utf-8"}


def drawn(entry: Entry) -> dict[str, Picture]:
    """The pictures of what everybody is shown, made once for each change."""
    state = serving.state_of(entry)

    def draw() -> dict[str, Picture]:
        challenge = entry.find()
        return pictures(challenge, serving.seen_by_all(challenge, state))

    return shelf.part(entry.edition, f"pictures.{state}.{serving.stands(entry)}", draw)


@require_safe
@event_member
def page(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """All pictures of the board, each with its numbers."""
    found = find_challenge(event, challenge, request.user)
    entry = enter(request, event.slug, challenge)
    if entry is None:
        raise Http404("no board for this viewer")
    context = {"event": event, "challenge": found, "pictures": list(drawn(entry).values())}
    return render(request, "leaderboards/pictures.html", context)


@require_safe
def file(
    request: HttpRequest, event: str, challenge: str, name: str, kind: Literal["svg", "csv"]
) -> HttpResponseBase:
    """One picture to keep: as a drawing, or its numbers."""
    entry = enter(request, event, challenge)
    if entry is None:
        return HttpResponse(status=401)
    found = drawn(entry).get(name)
    if found is None or kind not in TYPES:
        raise Http404(f"no picture {name!r}")
    saved = f"{challenge}-{name}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{saved}"', "Cache-Control": "private, no-cache"}
    return HttpResponse(getattr(found, kind), content_type=TYPES[kind], headers=headers)
