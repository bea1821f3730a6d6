"""The site as an ASGI application: `uvicorn heldout.asgi:application`."""

import gc
import os

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class ThreadedHandler(ASGIHandler):
    """Django's handler, with each request from the first middleware to the last in one thread.

    Views are synchronous. Django's own handler would go from the loop to a thread and back around nearly
    every middleware, which costs a page more than all that the middleware does.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        """The chain as a synchronous server has it."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Into the thread once, and back."""
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heldout.settings")
django.setup(set_prefix=False)
site = ThreadedHandler()

# What stands around the site asks the database who sends, so that it is imported when the apps are loaded.
from heldout.arriving import ArrivingBodies  # noqa: E402
from heldout.bodies import LimitedBodies  # noqa: E402
from heldout.live.stream import LiveStreams  # noqa: E402

application = LimitedBodies(LiveStreams(ArrivingBodies(site)))

# What is there by now stays. To go through it at each full collection kept everybody waiting who listens.
gc.collect()
gc.freeze()
