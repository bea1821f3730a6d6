"""Two addresses for machines. Strangers may ask, so they are told yes or no, and nothing more."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from heldout.health.checks import what_is_missing


@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers. It asks nothing else: a database that is away is no reason to start it again."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """Whether people may be sent here; the log says why not."""
    if what_is_missing():
        return HttpResponse("not ready\n", content_type="text/plain", status=503)
    return HttpResponse("ready\n", content_type="text/plain")
