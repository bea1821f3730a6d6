"""What every test of the site starts from."""

import pytest
import redis
from django.conf import settings


@pytest.fixture(autouse=True)
def empty_redis() -> None:
    """No queued message and no rate limit of an earlier test."""
    redis.Redis.from_url(settings.REDIS_URL).flushall()
