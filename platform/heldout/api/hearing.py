"""The API: what happens in an event, as it happens."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from ninja import Router
from ninja.decorators import decorate_view

from heldout.api.auth import READ
from heldout.api.description import CONTENT
from heldout.api.finding import EVENT, caller
from heldout.events.access import find_event
from heldout.live.views import stream_for

router = Router(auth=READ, tags=["live"])


@router.get(
    EVENT + "/live",
    response=str,
    openapi_extra={CONTENT: "text/event-stream"},
    summary="Hear what changes",
)
@decorate_view(never_cache)
def live(request: HttpRequest, event: str) -> HttpResponse:
    """Server-sent events that say what to ask for again: `board-<challenge>`, `challenges`, and your own
    team's `submission-<id>`. The stream ends after ten minutes: come back with `Last-Event-ID`, and hear what
    you missed, then `resumed`; or `resync`, if that is not known any more.
    """
    return stream_for(caller(request), find_event(request.user, event))
