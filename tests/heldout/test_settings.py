"""Settings that make no sense are named at start, with what was found and what is expected."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = {"HELDOUT_SECRET_KEY": "k" * 40, "PATH": os.environ["PATH"]}


def started_with(var: Path, **values: str) -> str:
    """The last line that the site says when it starts with these settings; empty when it starts."""
    environment = {**GOOD, "HELDOUT_VAR": str(var), "DJANGO_SETTINGS_MODULE": "heldout.settings", **values}
    code = "import django; django.setup()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


def test_the_site_starts_with_a_key_alone(tmp_path: Path) -> None:
    assert started_with(tmp_path) == ""


def test_the_site_answers_to_the_address_that_people_use(tmp_path: Path) -> None:
    code = "import django; django.setup(); from django.conf import settings as s; print(*s.ALLOWED_HOSTS)"
    environment = {**GOOD, "HELDOUT_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "heldout.settings"}
    environment["HELDOUT_PUBLIC_URL"] = "https://hack.example.org:8443"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert "hack.example.org" in done.stdout.split()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("HELDOUT_API_READS", "-1", "HELDOUT_API_READS is -1; expected 0 or more"),
        ("HELDOUT_METRICS_TOKEN", "short", "HELDOUT_METRICS_TOKEN has 5 characters; expected at least 16"),
        ("HELDOUT_LOG_FORMAT", "xml", "HELDOUT_LOG_FORMAT is 'xml'; expected line or json"),
        ("HELDOUT_SENTRY_DSN", "nowhere", "HELDOUT_SENTRY_DSN is no address of a project"),
        ("HELDOUT_SECRET_KEY", "short", "HELDOUT_SECRET_KEY has 5 characters; expected at least 40"),
        ("HELDOUT_DATABASE_URL", "sqlite:////dev/null/x/y.sqlite3", "folder /dev/null/x cannot be made"),
        ("HELDOUT_STORE", "http://files", "HELDOUT_STORE is 'http://files'; expected s3://BUCKET/PREFIX"),
        ("HELDOUT_DATABASE_URL", "mongo://x", "HELDOUT_DATABASE_URL is 'mongo://x'; expected postgres://"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path, name: str, value: str, expected: str) -> None:
    assert expected in started_with(tmp_path, **{name: value})


def test_a_report_of_a_fault_carries_no_values_and_no_people(tmp_path: Path) -> None:
    code = (
        "import django; django.setup(); import sentry_sdk;"
        "o = sentry_sdk.get_client().options;"
        "print(o['send_default_pii'], o['include_local_variables'], o['max_request_body_size'])"
    )
    environment = {**GOOD, "HELDOUT_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "heldout.settings"}
    environment["HELDOUT_SENTRY_DSN"] = "http://key@127.0.0.1:1/2"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False", "never"]
