"""`heldout bundle publish` against a site that runs: the real command, the real API."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from heldout.accounts import tokens
from heldout.accounts.models import Scope, User
from heldout.authoring.models import UploadedBundle
from heldout.events.models import Event
from tests.heldout.factories import make_coach, make_event, make_organizer
from tests.heldout.web.browsing import serving

pytestmark = pytest.mark.django_db(transaction=True)
HELDOUT = Path(sys.executable).parent / "heldout"
Publish = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def event() -> Event:
    return make_event("trail")


@pytest.fixture
def publish(written: Path, tmp_path: Path) -> Publish:
    """Publish the bundle into `trail` as somebody with such a token."""

    def run(user: User, *scopes: Scope, folder: Path = written) -> "subprocess.CompletedProcess[str]":
        _, secret = tokens.make(user, "laptop", scopes, 1)
        with serving() as address:
            return subprocess.run(
                [HELDOUT, "bundle", "publish", folder, "--event", "trail"],
                env=os.environ | {"HELDOUT_SITE": address, "HELDOUT_TOKEN": secret},
                capture_output=True,
                text=True,
                check=False,
            )

    return run


def test_a_folder_becomes_a_challenge_of_the_event_that_is_still_locked(
    publish: Publish, event: Event
) -> None:
    done = publish(make_organizer(event), Scope.ORGANIZE)
    assert done.returncode == 0, done.stderr
    assert "Boots uses version 1.0.0, SHA-256 " in done.stdout
    challenge = event.challenges.get()
    assert (challenge.slug, challenge.opened_at) == ("boots", None)
    assert UploadedBundle.objects.get().bundle.digest in done.stdout


def test_whoever_does_not_organize_the_event_is_told_that_there_is_nothing(
    publish: Publish, event: Event
) -> None:
    done = publish(make_coach(event), Scope.ORGANIZE)
    assert (done.returncode, done.stdout.count("uses version")) == (1, 0)
    assert "Not found" in done.stderr
    assert not UploadedBundle.objects.exists()


def test_a_token_without_the_scope_is_named(publish: Publish, event: Event) -> None:
    done = publish(make_organizer(event), Scope.READ)
    assert done.returncode == 1
    assert "lacks the scope `organize`" in done.stderr


def test_each_fault_of_the_folder_is_printed_and_nothing_is_sent(
    publish: Publish, event: Event, tmp_path: Path
) -> None:
    (tmp_path / "challenge.toml").write_text("slug = 3\n")
    done = publish(make_organizer(event), Scope.ORGANIZE, folder=tmp_path)
    assert done.returncode == 1
    assert "slug" in done.stderr
    assert not UploadedBundle.objects.exists()


def test_a_site_that_is_not_there_is_said_to_be(written: Path) -> None:
    done = subprocess.run(
        [HELDOUT, "bundle", "publish", written, "--event", "trail"],
        env=os.environ | {"HELDOUT_SITE": "http://127.0.0.1:9", "HELDOUT_TOKEN": "hld_x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert "http://127.0.0.1:9 cannot be reached" in done.stderr
