"""The site as an ASGI application: `uvicorn heldout.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

from heldout.bodies import LimitedBodies
from heldout.live.stream import LiveStreams

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heldout.settings")

application = LimitedBodies(LiveStreams(get_asgi_application()))
