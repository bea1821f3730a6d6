"""What a dying worker or an emptied broker loses is made again, once. The database is the truth."""

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from playwright.sync_api import Browser, Page

from tests.end_to_end.pages import new_person, sign_in, submit
from tests.end_to_end.running_demo import RunningDemo
from tests.end_to_end.slow_model import save

PATIENCE_SECONDS = 180


class Kept:
    """What the demo's database says."""

    def __init__(self, demo: RunningDemo) -> None:
        self.file = demo.var / "heldout.sqlite3"

    def value(self, query: str, *values: object) -> object:
        with sqlite3.connect(self.file, timeout=20) as database:
            row = database.execute(query, values).fetchone()
        return row[0] if row else None

    def submission(self, note: str) -> object:
        return self.value("SELECT id FROM submissions_submission WHERE note = ?", note)

    def state(self, submission: object) -> object:
        return self.value("SELECT state FROM submissions_submission WHERE id = ?", submission)

    def attempts(self, submission: object, state: str) -> object:
        query = (
            "SELECT count(*) FROM submissions_attempt "
            "WHERE submission_id = ? AND job = 'scoring' AND state = ?"
        )
        return self.value(query, submission, state)

    def evaluations(self, submission: object) -> object:
        return self.value("SELECT count(*) FROM submissions_evaluation WHERE submission_id = ?", submission)


def eventually(what: Callable[[], bool], words: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < until, words
        time.sleep(0.02)


def scoring_process(demo: RunningDemo) -> int:
    """The process that scores: the one of the worker's that was started for it."""
    for pid in demo.descendants():
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if b"--role" in command and command[command.index(b"--role") + 1] == b"score":
            return pid
    raise AssertionError("no process scores")


def broker_of(pid: int) -> redis.Redis:
    """The broker that a process was told of."""
    told = dict(
        line.split("=", 1) for line in Path(f"/proc/{pid}/environ").read_text().split("\0") if "=" in line
    )
    return redis.Redis.from_url(told["HELDOUT_BROKER_URL"])


@pytest.fixture
def participant(demo: RunningDemo, browser: Browser) -> Page:
    page = new_person(browser, demo)
    sign_in(page, demo.people["Ben"])
    return page


def hand_in(page: Page, kept: Kept, model: Path, note: str) -> object:
    submit(page, model, note)
    eventually(lambda: kept.submission(note) is not None, "the submission is not kept")
    return kept.submission(note)


def test_a_run_whose_worker_is_killed_is_scored_again_once(
    demo: RunningDemo, participant: Page, tmp_path: Path
) -> None:
    kept = Kept(demo)
    submission = hand_in(participant, kept, save(tmp_path / "slow.onnx"), "killed in the middle")
    eventually(lambda: kept.attempts(submission, "running") == 1, "no run began")
    os.kill(scoring_process(demo), signal.SIGKILL)
    eventually(lambda: kept.state(submission) == "scored", "it was not scored again")
    assert kept.attempts(submission, "lost") == 1
    assert kept.attempts(submission, "done") == 1
    assert kept.evaluations(submission) == 1
    standings = "SELECT count(*) FROM leaderboards_standing s JOIN teams_team t ON t.id = s.team_id "
    where = "JOIN catalog_challenge c ON c.id = s.challenge_id WHERE c.slug = ? AND t.name = ?"
    assert kept.value(standings + where, "first-steps", "Ridge Runners") == 1


def test_what_an_emptied_broker_loses_is_sent_again(
    demo: RunningDemo, participant: Page, tmp_path: Path
) -> None:
    """The worker is held, so that one job waits in its hands and one in the broker."""
    kept, model = Kept(demo), save(tmp_path / "slow.onnx")
    worker = scoring_process(demo)
    os.kill(worker, signal.SIGSTOP)
    try:
        submissions = [hand_in(participant, kept, model, f"held {i}") for i in range(2)]
        both = lambda: all(kept.attempts(s, "dispatched") == 1 for s in submissions)  # noqa: E731
        eventually(both, "the jobs were not sent")
        broker_of(worker).flushall()
    finally:
        os.kill(worker, signal.SIGCONT)
    for submission in submissions:
        eventually(lambda s=submission: kept.state(s) == "scored", "it was not scored")  # type: ignore[misc]
        assert kept.evaluations(submission) == 1
