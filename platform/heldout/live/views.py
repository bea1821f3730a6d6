"""Who may listen to an event. The stream itself is in `heldout.live.stream`."""

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from heldout.events.access import SignedInRequest, event_member
from heldout.events.models import Event
from heldout.events.rules import Viewer
from heldout.live.queries import listener_for
from heldout.live.rules import LISTENER_HEADER


@require_GET
@never_cache
@event_member
def live(request: SignedInRequest, event: Event) -> HttpResponse:
    """What happens in the event, as it happens, for its pages."""
    return stream_for(request.user, event)


def stream_for(viewer: Viewer, event: Event) -> HttpResponse:
    """Say in a header what the viewer may hear; the ASGI server takes it from there."""
    headers = {LISTENER_HEADER: listener_for(viewer, event).to_json()}
    return HttpResponse(content_type="text/event-stream", headers=headers)
