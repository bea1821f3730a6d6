"""Nothing stays lost: silent workers, an emptied broker, jobs that nobody takes."""

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from heldout import blobs
from heldout.catalog.models import Challenge
from heldout.submissions import actions
from heldout.submissions.dispatching import WAITING_LIMIT
from heldout.submissions.models import Attempt, AttemptJob, AttemptState, Submission, SubmissionState
from heldout.submissions.rules import tries_left
from heldout.teams.models import Team
from scoring.job import CPU_QUEUE, INSPECT_QUEUE
from tests.heldout import broker
from tests.heldout.handing_in import (
    attempt_of,
    evaluation_for,
    fresh,
    hand_in,
    heartbeat,
    inspected,
    make_challenge,
    progress_for,
)

pytestmark = pytest.mark.django_db(transaction=True)

LEASE = timedelta(seconds=16)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def challenge(clock: time_machine.Traveller) -> Challenge:
    return make_challenge()


def sweep() -> actions.SweepReport:
    return actions.sweep(timezone.now())


def test_nothing_lost_nothing_done(submission: Submission) -> None:
    report = sweep()
    assert (report.lost, report.sent_again, report.dispatched) == (0, 0, 0)


def test_a_silent_workers_run_is_made_again(submission: Submission, clock: time_machine.Traveller) -> None:
    actions.record_progress(progress_for(submission))
    clock.shift(LEASE)
    assert sweep().lost == 1
    again = attempt_of(submission)
    assert (again.number, again.state) == (2, AttemptState.WAITING)
    assert fresh(submission).state == SubmissionState.QUEUED

    clock.shift(timedelta(seconds=3))
    assert sweep().dispatched == 1
    actions.record_evaluation(evaluation_for(submission))
    assert fresh(submission).state == SubmissionState.SCORED


def test_a_run_that_speaks_is_left_alone(submission: Submission, clock: time_machine.Traveller) -> None:
    for _ in range(5):
        actions.record_progress(progress_for(submission))
        clock.shift(timedelta(seconds=14))
        assert sweep().lost == 0


def test_no_sign_of_life_pushes_the_wall_clock(submission: Submission, clock: time_machine.Traveller) -> None:
    actions.record_progress(progress_for(submission))
    for _ in range(18):
        clock.shift(timedelta(seconds=10))
        actions.record_progress(progress_for(submission))
    assert sweep().lost == 1


def test_after_the_third_loss_the_submission_fails_and_says_what_happened(
    submission: Submission, clock: time_machine.Traveller, team: Team, challenge: Challenge
) -> None:
    for _ in range(3):
        clock.shift(timedelta(seconds=20))
        sweep()
        actions.record_progress(progress_for(submission))
        clock.shift(LEASE)
        sweep()
    failed = fresh(submission)
    assert failed.state == SubmissionState.FAILED
    assert failed.verdict is not None
    assert failed.verdict.code == "platform_fault"
    assert failed.verdict.found == "no word from one for 15 seconds"
    assert tries_left(team, challenge, timezone.now()).left == 5


def test_the_answer_to_a_lost_attempt_comes_too_late(
    submission: Submission, clock: time_machine.Traveller
) -> None:
    actions.record_progress(progress_for(submission))
    late = evaluation_for(submission)
    clock.shift(LEASE)
    sweep()
    assert actions.record_evaluation(late) is None
    assert fresh(submission).state == SubmissionState.QUEUED


def test_what_an_emptied_broker_lost_is_sent_again(
    challenge: Challenge, team: Team, clock: time_machine.Traveller
) -> None:
    scoring, inspecting = inspected(challenge, team), hand_in(challenge, team)
    broker.empty()
    clock.shift(LEASE)
    assert sweep().sent_again == 2
    assert [job["attempt"] for job in broker.jobs_in(CPU_QUEUE)] == [str(attempt_of(scoring).pk)]
    inspection = attempt_of(inspecting, AttemptJob.INSPECTION)
    assert [job["attempt"] for job in broker.jobs_in(INSPECT_QUEUE)] == [str(inspection.pk)]


def test_what_the_broker_still_holds_is_not_sent_twice(
    submission: Submission, clock: time_machine.Traveller
) -> None:
    clock.shift(LEASE)
    assert sweep().sent_again == 0
    assert len(broker.jobs_in(CPU_QUEUE)) == 1


def test_a_job_that_a_busy_worker_holds_in_hand_is_not_sent_twice(
    challenge: Challenge, team: Team, clock: time_machine.Traveller
) -> None:
    actions.record_worker(heartbeat())
    running, in_hand = inspected(challenge, team), inspected(challenge, team)
    broker.empty()
    clock.shift(LEASE)
    actions.record_worker(heartbeat(running=attempt_of(running).pk))
    assert sweep().sent_again == 0
    actions.record_worker(heartbeat())
    assert sweep().sent_again == 1
    assert [job["attempt"] for job in broker.jobs_in(CPU_QUEUE)] == [str(attempt_of(in_hand).pk)]


def test_a_broker_that_is_away_leaves_the_rest_of_the_sweep(
    submission: Submission, clock: time_machine.Traveller, broker_away: None
) -> None:
    actions.record_progress(progress_for(submission))
    clock.shift(LEASE)
    assert sweep().lost == 1


def test_a_job_that_nobody_takes_for_hours_fails(
    submission: Submission, clock: time_machine.Traveller
) -> None:
    for _ in range(3):
        clock.shift(WAITING_LIMIT + timedelta(seconds=30))
        sweep()
    failed = fresh(submission)
    assert failed.state == SubmissionState.FAILED
    assert failed.verdict and "no worker" in failed.verdict.found


def test_a_file_that_kills_whoever_inspects_it_does_not_go_round_for_ever(
    challenge: Challenge, team: Team, clock: time_machine.Traveller
) -> None:
    submission = hand_in(challenge, team)
    for _ in range(12):
        broker.empty()
        clock.shift(LEASE)
        actions.record_worker(heartbeat())
        sweep()
    failed = fresh(submission)
    assert failed.state == SubmissionState.FAILED
    assert failed.verdict and "no sign of the run" in failed.verdict.found


def test_every_unfinished_attempt_has_a_deadline(challenge: Challenge, team: Team) -> None:
    submissions = [hand_in(challenge, team), *(inspected(challenge, team) for _ in range(3))]
    actions.record_progress(progress_for(submissions[1]))
    assert Attempt.objects.exclude(state=AttemptState.DONE).count() == 4
    assert not Attempt.objects.exclude(state=AttemptState.DONE).filter(deadline=None).exists()


def test_unfinished_uploads_are_removed_after_a_day() -> None:
    unfinished = blobs.new_incoming()
    unfinished.write_bytes(b"half a mod")
    sweep()
    assert unfinished.exists()
    written = unfinished.stat().st_mtime - timedelta(hours=26).total_seconds()
    os.utime(unfinished, (written, written))
    sweep()
    assert not unfinished.exists()
