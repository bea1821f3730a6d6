"""The bare limit for a board's page: Django without middleware, one view, bytes from Redis."""

import os

import django
import redis
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import path

from bench.board import ETAG, KEY

_redis = redis.Redis.from_url(os.environ["HELDOUT_REDIS_URL"])


def page(request: HttpRequest) -> HttpResponse:
    """The same bytes, or 304 for whoever has them."""
    if request.headers.get("If-None-Match") == ETAG:
        return HttpResponseNotModified()
    content = _redis.get(KEY)
    assert isinstance(content, bytes)
    return HttpResponse(content, headers={"ETag": ETAG, "Content-Length": str(len(content))})


urlpatterns = [path("", page)]
settings.configure(
    SECRET_KEY="bare-" + "x" * 40, ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], MIDDLEWARE=[]
)
django.setup()
application = get_asgi_application()
