import os
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection


@pytest.mark.django_db
def test_the_switch_decides_which_database_the_tests_run_on() -> None:
    wanted = "postgresql" if os.environ.get("HELDOUT_TEST_POSTGRES") == "1" else "sqlite"
    assert connection.vendor == wanted


@pytest.mark.django_db
def test_sqlite_lies_in_a_file_that_threads_share() -> None:
    name = str(connection.settings_dict["NAME"])
    assert connection.vendor == "postgresql" or Path(name).is_relative_to(settings.VAR)


def test_redis_is_a_server_of_its_own() -> None:
    assert redis.Redis.from_url(settings.REDIS_URL).ping()
    assert ":6379/" not in settings.REDIS_URL
