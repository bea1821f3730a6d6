"""What every test of the site starts from."""

from typing import Any

import pytest
import redis
from django.conf import settings as site

from tests import servers


@pytest.fixture(autouse=True)
def empty_redis() -> None:
    """No queued message and no rate limit of an earlier test."""
    redis.Redis.from_url(site.REDIS_URL).flushall()


@pytest.fixture(autouse=True)
def empty_bucket(settings: Any) -> None:
    """No file of an earlier test, where files are in a bucket."""
    if settings.STORE:
        settings.STORE = servers.new_place()


@pytest.fixture(params=["folder", "bucket"])
def each_store(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store of each kind, one after the other."""
    settings.STORE = ""
    if request.param == "bucket":
        for name, value in servers.object_store().items():
            monkeypatch.setenv(name, value)
        settings.STORE = servers.new_place()
    return str(request.param)
