"""The site as an ASGI application: `uvicorn heldout.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heldout.settings")
site = get_asgi_application()

# What stands around the site asks the database who sends, so that it is imported when the apps are loaded.
from heldout.bodies import LimitedBodies  # noqa: E402
from heldout.live.stream import LiveStreams  # noqa: E402

application = LimitedBodies(LiveStreams(site))
