"""What a load balancer is told, and what a stranger is not."""

from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import AsyncClient, Client
from pytest_django.fixtures import Settings

from heldout.health import checks

pytestmark = pytest.mark.django_db

NOWHERE = "redis://:a-secret@127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def a_store(settings: Settings, tmp_path: Path) -> None:
    settings.BLOBS = tmp_path
    checks._migrations_once.cache_clear()


def test_a_site_with_all_it_needs_is_ready(client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"ready\n")
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_live_process_is_alive_though_the_broker_is_away(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = settings.BROKER_URL = NOWHERE
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("name", ["REDIS_URL", "BROKER_URL"])
def test_without_a_broker_it_is_not_ready_and_says_why_in_the_log_alone(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    setattr(settings, name, NOWHERE)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"not ready\n")
    assert "broker" in caplog.text
    assert "a-secret" not in caplog.text


def test_without_a_store_it_is_not_ready(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.BLOBS, settings.STORE = tmp_path / "absent", "s3://not-there" if settings.STORE else ""
    assert client.get("/readyz").status_code == 503


def test_with_a_migration_to_come_it_is_not_ready(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'submissions'")
    assert checks.what_is_missing() == ["migrations"]


def test_what_raises_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OSError("no route to host")

    monkeypatch.setitem(checks.CHECKS, "database", away)
    assert "database" in checks.what_is_missing()


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_they_only_tell(client: Client, address: str) -> None:
    answer: Any = client.post(address)
    assert answer.status_code == 405


@pytest.mark.parametrize("name", ["site:8000", "10.0.0.7", "localhost"])
def test_machines_may_ask_by_any_name_and_nobody_else(client: Client, name: str) -> None:
    assert client.get("/healthz", headers={"Host": name}).status_code == 200
    assert client.get("/readyz", headers={"Host": name}).status_code == 200
    expected = 200 if name == "localhost" else 400
    assert client.get("/accounts/login/", headers={"Host": name}).status_code == expected


def test_they_are_answered_without_a_thread_of_their_own_too() -> None:
    answer = async_to_sync(AsyncClient().get)("/healthz", headers={"Host": "site:8000"})
    assert answer.status_code == 200
    assert answer.headers["X-Request-ID"]
