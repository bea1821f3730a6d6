"""Whether the site's own worker and its clock run, as people, Prometheus and containers are told."""

import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as site
from django.test import Client
from django.utils import timezone

from heldout import broadcast, heartbeat
from heldout.celery import HEARTBEAT_TASK, app
from heldout.operations.tasks import beat
from tests.heldout.factories import make_event, make_organizer
from tests.heldout.pages import words

pytestmark = pytest.mark.django_db


def later(seconds: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False)


def test_the_clock_asks_for_it_more_often_than_its_patience_ends() -> None:
    entry = app.conf.beat_schedule["heartbeat"]
    assert entry["task"] == HEARTBEAT_TASK in app.tasks
    assert entry["schedule"] * 4 <= heartbeat.STOPPED_AFTER_SECONDS


def test_its_age_grows_until_it_counts_as_stopped() -> None:
    assert heartbeat.age() is None and not heartbeat.runs(None)
    beat()
    with later(60):
        assert heartbeat.runs(heartbeat.age())
    with later(100):
        assert not heartbeat.runs(heartbeat.age())


def test_the_control_room_says_when_it_has_stopped(client: Client) -> None:
    event = make_event("gear")
    client.force_login(make_organizer(event))
    page = "/events/gear/control/"
    assert "The site's worker not seen" in words(client.get(page))
    beat()
    assert "Scores are not recorded" not in words(client.get(page))
    with later(600):
        shown = words(client.get(page))
    assert "The site's worker stopped 10 min ago" in shown
    assert "Scores are not recorded and nothing is sent" in shown


def test_prometheus_is_told_its_age_and_nothing_while_nobody_knows(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "a-token-for-prometheus"
    headers = {"Authorization": "Bearer a-token-for-prometheus"}
    assert b"heldout_site_worker_age_seconds" not in client.get("/metrics", headers=headers).content
    beat()
    with later(30):
        shown = client.get("/metrics", headers=headers).content.decode()
    (line,) = [line for line in shown.splitlines() if line.startswith("heldout_site_worker_age_seconds ")]
    assert 29 < float(line.split()[1]) < 60


def test_without_redis_nobody_can_say(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    broadcast.connection.cache_clear()
    try:
        assert heartbeat.age() is None
    finally:
        broadcast.connection.cache_clear()


def test_a_container_is_told_by_the_exit_code() -> None:
    surroundings = os.environ | {
        "DJANGO_SETTINGS_MODULE": "heldout.settings",
        "HELDOUT_SECRET_KEY": "k" * 50,
        "HELDOUT_REDIS_URL": site.REDIS_URL,
    }

    def asked() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "heldout.heartbeat"]
        return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)

    before = asked()
    beat()
    after = asked()
    assert (before.returncode, before.stdout) == (1, "never seen\n")
    assert after.returncode == 0 and after.stdout.startswith("seen ")
