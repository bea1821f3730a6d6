"""What comes over the queue `site` as JSON reaches the database, by the names that workers use."""

import pytest
from pydantic import BaseModel, ValidationError

from heldout.catalog import actions as catalog
from heldout.catalog.models import Challenge, Preparation
from heldout.celery import SWEEP_TASK, app
from heldout.submissions.models import AttemptJob, SubmissionState, Worker
from heldout.teams.models import Team
from scoring import job
from tests.heldout.factories import make_event, make_team
from tests.heldout.handing_in import (
    attempt_of,
    evaluation_for,
    fresh,
    hand_in,
    heartbeat,
    make_bundle,
    make_challenge,
    passport_for,
    progress_for,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True, scope="module")
def known_tasks() -> None:
    """As the site's own Celery process does when it starts."""
    app.loader.import_default_modules()


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge()


@pytest.fixture
def team(challenge: Challenge) -> Team:
    return make_team(challenge.event)


def receive(task: str, message: BaseModel) -> None:
    app.tasks[task].apply(args=(message.model_dump_json(),), throw=True)


def test_the_whole_way_of_a_submission(challenge: Challenge, team: Team) -> None:
    submission = hand_in(challenge, team)
    receive(job.RECORD_PASSPORT_TASK, passport_for(submission))
    receive(job.RECORD_WORKER_TASK, heartbeat(running=attempt_of(submission).pk))
    receive(job.RECORD_PROGRESS_TASK, progress_for(submission))
    assert fresh(submission).state == SubmissionState.RUNNING
    receive(job.RECORD_EVALUATION_TASK, evaluation_for(submission))
    assert fresh(submission).state == SubmissionState.SCORED
    assert Worker.objects.get().name == "one"
    assert challenge.standings.get().submission == submission


def test_a_preparation_comes_back(challenge: Challenge) -> None:
    draft = catalog.add_challenge(make_event(), make_bundle(), 1, 100, None)
    preparation = catalog.prepare(draft, None)
    check = job.Check(name="Labels are out of reach", passed=False, found="yes", expected="no")
    receive(job.RECORD_PREPARING_TASK, job.Preparing(preparation=preparation.pk, worker="one"))
    report = job.PreparationReport(preparation=preparation.pk, bundle=draft.bundle.digest, checks=[check])
    receive(job.RECORD_PREPARATION_TASK, report)
    assert Preparation.objects.get(pk=preparation.pk).report == report


def test_the_clock_sweeps(challenge: Challenge, team: Team) -> None:
    submission = hand_in(challenge, team)
    submission.attempts.update(state="waiting")
    app.tasks[SWEEP_TASK].apply(throw=True)
    assert attempt_of(submission, AttemptJob.INSPECTION).state == "dispatched"


def test_a_message_of_another_form_is_an_error_and_changes_nothing(challenge: Challenge, team: Team) -> None:
    submission = hand_in(challenge, team)
    with pytest.raises(ValidationError):
        app.tasks[job.RECORD_PASSPORT_TASK].apply(args=('{"attempt": "x"}',), throw=True)
    assert fresh(submission).state == SubmissionState.QUEUED


def test_the_clock_ticks_as_often_as_the_settings_say() -> None:
    assert app.conf.beat_schedule["sweep"]["task"] == SWEEP_TASK
    assert app.conf.beat_schedule["sweep"]["schedule"] == 5.0
