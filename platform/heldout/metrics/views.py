"""The numbers, for Prometheus. Without the token the address is not there."""

import secrets

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from heldout.metrics.figures import OfTheSite
from heldout.metrics.requests import of_this_process

of_the_site = CollectorRegistry()
of_the_site.register(OfTheSite())


@require_GET
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """What this process has counted, then what is true of the whole site."""
    given = request.headers.get("Authorization", "").encode()
    expected = f"Bearer {settings.METRICS_TOKEN}".encode()
    if not settings.METRICS_TOKEN or not secrets.compare_digest(given, expected):
        raise Http404("metrics are for who has the token")
    text = generate_latest(of_this_process) + generate_latest(of_the_site)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)
