"""A real site on a free port, somebody of a team, and the commands as that person runs them."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from typer.testing import CliRunner, Result

from heldout import blobs
from heldout.accounts import tokens
from heldout.accounts.models import DeviceLogin, Scope, User
from heldout.catalog.models import Challenge, Preparation
from heldout.leaderboards import actions as leaderboards
from heldout.submissions import actions
from heldout.submissions.models import Submission, SubmissionState
from heldout.teams.models import Team
from heldout_client import account, chosen
from heldout_client.account import Account
from heldout_client.main import app
from heldout_client.notebook import ConnectedSite
from scoring.job import Verdict
from tests.heldout.conftest import empty_redis  # noqa: F401 - a fixture of every test of the site
from tests.heldout.factories import make_team, make_user
from tests.heldout.handing_in import (
    evaluation_for,
    make_challenge,
    member_of,
    passport_for,
    progress_for,
    put_to_work,
    rehearsal_for,
)
from tests.heldout.web.browsing import serving


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home and a folder of one's own, with nothing in them."""
    for name in (account.SITE, account.TOKEN, chosen.EVENT, chosen.CHALLENGE, "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    # A test run that was started in the background ignores Ctrl-C, and so would what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return tmp_path


@pytest.fixture
def address(transactional_db: None) -> Iterator[str]:
    """Where the site answers."""
    with serving() as found:
        yield found


@dataclass(frozen=True)
class Scene:
    """A challenge, a team in it, and one of its members with a token."""

    address: str
    challenge: Challenge
    team: Team
    person: User
    token: str

    @property
    def event(self) -> str:
        return self.challenge.event.slug

    @property
    def site(self) -> ConnectedSite:
        return ConnectedSite(Account(self.address, self.token))


def token_of(person: User, *scopes: Scope) -> str:
    return tokens.make(person, "tests", scopes or (Scope.READ, Scope.SUBMIT), 30)[1]


@pytest.fixture
def scene(address: str) -> Scene:
    """Somebody who is signed in to the site and has chosen the challenge."""
    challenge = make_challenge()
    team = make_team(challenge.event, "Ours")
    person = member_of(team)
    found = Scene(address, challenge, team, person, token_of(person))
    account.keep(Account(address, found.token))
    chosen.keep(found.event, challenge.slug)
    return found


def give(challenge: Challenge, content: bytes) -> None:
    """Let the challenge give a file to its teams."""
    file = blobs.new_incoming()
    file.write_bytes(content)
    digest = blobs.digest_of(file)
    blobs.keep(file, digest)
    Preparation.objects.filter(challenge=challenge).update(given=digest)


def answering(what: str, person: User | None = None) -> threading.Thread:
    """Somebody who answers the next code in a browser, as soon as it is asked for."""
    browser = Client()
    browser.force_login(person or make_user("ada@example.org"))

    def when_asked() -> None:
        while (asked := DeviceLogin.objects.first()) is None:
            time.sleep(0.05)
        browser.post("/device/", {"code": asked.user_code, "answer": what})

    thread = threading.Thread(target=when_asked)
    thread.start()
    return thread


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of whoever waits for a confirmation runs fast."""
    rest = time.sleep
    monkeypatch.setattr("heldout_client.device.time.sleep", lambda seconds: rest(seconds / 10))


def heldout(*arguments: str, **options: Any) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False, **options)


def document(*arguments: str) -> Any:
    """The one JSON document that a command prints on stdout."""
    done = heldout(*arguments, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def worker(challenge: Challenge, value: float = 0.9, refusal: Verdict | None = None) -> Iterator[None]:
    """A worker that scores the next submission to the challenge, or refuses it at the inspection."""

    def work() -> None:
        try:
            waiting = Submission.objects.filter(challenge=challenge, state=SubmissionState.QUEUED)
            while (found := waiting.first()) is None:
                time.sleep(0.05)
            actions.record_passport(passport_for(found, verdict=refusal))
            if refusal is not None:
                return
            put_to_work(found)
            actions.record_progress(progress_for(found))
            time.sleep(0.7)
            answer = rehearsal_for if found.rehearsal else evaluation_for
            leaderboards.record_evaluation(answer(found, value))
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join(timeout=30)
