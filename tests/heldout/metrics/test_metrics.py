"""The numbers of a site: who may read them, and that they are true."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from kombu import Connection
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from heldout.celery import app
from heldout.heartbeat import beat
from heldout.submissions import actions
from heldout.submissions.models import Attempt
from tests.heldout.factories import make_superuser, make_team
from tests.heldout.handing_in import (
    evaluation_for,
    hand_in,
    heartbeat,
    inspected,
    make_challenge,
    passport_for,
    progress_for,
    put_to_work,
    rehearsed,
    scored,
    verdict,
)

pytestmark = pytest.mark.django_db

TOKEN = "a-token-for-prometheus"
DOCKER = Path(__file__).parents[3] / "docker"
DASHBOARD = DOCKER / "grafana" / "heldout.json"
ALERTS = DOCKER / "alerts.yaml"

Sample = tuple[str, frozenset[tuple[str, str]]]


@pytest.fixture(autouse=True)
def token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def numbers(client: Client) -> dict[Sample, float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def number(client: Client, name: str, **labels: str) -> float | None:
    return numbers(client).get((name, frozenset(labels.items())))


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer another-token-of-this", "Basic YTpi", "Bearer ü"])
def test_without_the_token_the_address_is_not_there(client: Client, header: str) -> None:
    assert client.get("/metrics", headers={"Authorization": header}).status_code == 404


def test_an_operator_in_a_browser_is_a_stranger_too(client: Client) -> None:
    client.force_login(make_superuser())
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("header", ["", "Bearer ", f"Bearer {TOKEN}"])
def test_a_site_without_a_token_tells_nobody(client: Client, settings: Settings, header: str) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": header}).status_code == 404


def test_submissions_are_counted_by_state_and_rehearsals_apart(client: Client) -> None:
    challenge = make_challenge()
    team = make_team(challenge.event)
    scored(challenge, team)
    rehearsed(challenge, team)
    hand_in(challenge, team)
    assert number(client, "heldout_submissions", state="scored", rehearsal="false") == 1
    assert number(client, "heldout_submissions", state="scored", rehearsal="true") == 1
    assert number(client, "heldout_submissions", state="queued", rehearsal="false") == 1


def test_verdicts_are_counted_by_their_code(client: Client) -> None:
    challenge = make_challenge()
    submission = hand_in(challenge, make_team(challenge.event))
    actions.record_passport(passport_for(submission, verdict=verdict("too_large")))
    assert number(client, "heldout_verdicts", code="too_large") == 1


def test_the_wait_of_what_began_of_late_and_the_oldest_that_waits(client: Client) -> None:
    challenge = make_challenge()
    began = put_to_work(inspected(challenge, make_team(challenge.event)))
    waits = inspected(challenge, make_team(challenge.event))
    now = timezone.now()
    Attempt.objects.filter(pk=began.pk).update(created_at=now - timedelta(seconds=30), started_at=now)
    Attempt.objects.filter(submission=waits, state="waiting").update(created_at=now - timedelta(seconds=90))
    wait = number(client, "heldout_queue_wait_seconds", job="scoring", quantile="0.5")
    oldest = number(client, "heldout_queue_oldest_seconds", job="scoring")
    assert wait == pytest.approx(30, abs=0.5)
    assert oldest is not None and 90 <= oldest < 95


def test_stages_are_those_that_workers_measured(client: Client) -> None:
    challenge = make_challenge()
    team = make_team(challenge.event)
    for seconds in (1.0, 2.0, 9.0):
        submission = inspected(challenge, team)
        put_to_work(submission)
        actions.record_evaluation(evaluation_for(submission, stages={"predict": seconds}))
    assert number(client, "heldout_stage_seconds", stage="predict", quantile="0.5") == 2
    assert number(client, "heldout_stage_seconds", stage="predict", quantile="0.95") == 9


def test_workers_and_messages_are_counted_by_queue(client: Client) -> None:
    actions.record_worker(heartbeat("one"))
    app.send_task("scoring.score", args=["{}"], queue="scoring.cpu")
    found = numbers(client)
    assert found["heldout_workers", frozenset({("queue", "scoring.cpu")})] == 1
    assert found["heldout_workers", frozenset({("queue", "scoring.gpu")})] == 0
    assert found["heldout_broker_messages", frozenset({("queue", "scoring.cpu")})] == 1
    assert found["heldout_broker_up", frozenset()] == 1


def test_a_broker_that_is_away_takes_only_its_own_numbers_along(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody_there = Connection("redis://127.0.0.1:1/0", transport_options={"max_retries": 1})
    monkeypatch.setattr(app, "connection_for_write", lambda: nobody_there)
    found = numbers(client)
    assert found["heldout_broker_up", frozenset()] == 0
    assert ("heldout_workers", frozenset({("queue", "scoring.cpu")})) in found


def test_the_disk_of_the_store_is_told_where_there_is_one(client: Client, settings: Settings) -> None:
    settings.BLOBS.mkdir(parents=True, exist_ok=True)
    found = numbers(client)
    free, size = (found[name, frozenset()] for name in ("heldout_store_free_bytes", "heldout_store_bytes"))
    assert 0 < free <= size
    settings.BLOBS = settings.BLOBS / "elsewhere"
    assert ("heldout_store_bytes", frozenset()) not in numbers(client)


def test_requests_are_counted_by_route_and_never_by_what_it_was_called_with(client: Client) -> None:
    client.get("/invitations/a-secret-token/")
    client.generic("BREW", "/healthz")
    client.get("/no-such-page/")
    names = [(name, dict(labels)) for name, labels in numbers(client)]
    told = [labels for name, labels in names if name == "heldout_requests_total"]
    assert {"method": "other", "route": "healthz", "status": "405"} in told
    assert {"method": "GET", "route": "(no such address)", "status": "404"} in told
    assert "a-secret-token" not in json.dumps(names)


def test_what_is_asked_of_the_database_does_not_grow_with_the_event(client: Client) -> None:
    challenge = make_challenge()
    with CaptureQueriesContext(
        connection,
    ) as few:
        numbers(client)
    for _ in range(3):
        scored(challenge, make_team(challenge.event))
    with CaptureQueriesContext(connection) as many:
        numbers(client)
    assert len(many) == len(few)


def test_the_dashboard_and_the_alarms_ask_only_for_numbers_that_there_are(client: Client) -> None:
    challenge = make_challenge()
    scored(challenge, make_team(challenge.event))
    runs = inspected(challenge, make_team(challenge.event))
    put_to_work(runs)
    actions.record_progress(progress_for(runs))
    hand_in(challenge, make_team(challenge.event))
    refused = hand_in(challenge, make_team(challenge.event))
    actions.record_passport(passport_for(refused, verdict=verdict("too_large")))
    beat()
    numbers(client)
    there = {name for name, _ in numbers(client)}
    queries = [
        target["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"] for target in panel["targets"]
    ]
    asked = {word for query in queries for word in words(query) if word.startswith("heldout_")}
    assert asked
    assert asked <= there
    rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    alarmed = {word for rule in rules for word in words(rule["expr"]) if word.startswith("heldout_")}
    assert alarmed and alarmed <= there
    shown = {name for name in there if not name.endswith(("_created", "_sum", "_count"))}
    assert shown <= asked, "the dashboard leaves a number out"


def words(query: str) -> list[str]:
    return "".join(c if c.isalnum() or c == "_" else " " for c in query).split()
