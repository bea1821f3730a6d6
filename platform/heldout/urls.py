"""Every address of the site. Each app names its own paths in full, so that one can be searched for."""

from django.contrib import admin
from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from heldout.api.base import api
from heldout.api.device import router as device
from heldout.api.problems import no_such_address
from heldout.authoring.routes import router as authoring
from heldout.operations.gate_routes import router as gates
from heldout.operations.intervening_routes import router as interventions
from heldout.operations.rescoring_routes import router as rescoring
from heldout.operations.routes import router as operations
from heldout.webhooks.routes import router as webhooks


class Anything(StringConverter):
    """Whatever follows, also what `path` leaves out: an address may hold a line break."""

    regex = "(?s:.+)"


register_converter(Anything, "anything")
for router in (authoring, device, operations, interventions, rescoring, gates, webhooks):
    api.add_router("", router)

urlpatterns = [
    path("", include("heldout.accounts.urls")),
    path("", include("heldout.events.urls")),
    path("", include("heldout.teams.urls")),
    path("", include("heldout.applications.urls")),
    path("", include("heldout.catalog.urls")),
    path("", include("heldout.submissions.urls")),
    path("", include("heldout.coaching.urls")),
    path("", include("heldout.leaderboards.urls")),
    path("", include("heldout.notices.urls")),
    path("", include("heldout.authoring.urls")),
    path("", include("heldout.operations.urls")),
    path("", include("heldout.webhooks.urls")),
    path("", include("heldout.live.urls")),
    path("", include("heldout.web.urls")),
    path("", include("heldout.health.urls")),
    path("", include("heldout.metrics.urls")),
    path("api/v1/", api.urls),
    path("api/v1/<anything:rest>", no_such_address),
    path("admin/", admin.site.urls),
]
