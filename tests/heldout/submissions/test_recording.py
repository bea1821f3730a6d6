"""What workers say, and what comes of it."""

import math
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from heldout.catalog.models import Challenge
from heldout.submissions import actions
from heldout.submissions.models import (
    Attempt,
    AttemptJob,
    AttemptState,
    Evaluation,
    Score,
    Submission,
    SubmissionState,
)
from heldout.teams.models import Team
from scoring.job import CPU_QUEUE
from tests.heldout.broker import jobs_in
from tests.heldout.factories import make_team
from tests.heldout.handing_in import (
    HIDDEN_SET,
    attempt_of,
    evaluation_for,
    fresh,
    hand_in,
    heartbeat,
    inspected,
    passport_for,
    progress_for,
    split_score,
    verdict,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_sound_file_goes_on_to_be_scored(submission: Submission) -> None:
    assert (submission.state, submission.format) == (SubmissionState.QUEUED, "onnx")
    attempt = attempt_of(submission)
    assert attempt.state == AttemptState.DISPATCHED
    [job] = jobs_in(CPU_QUEUE)
    assert (job["attempt"], job["hidden_set"]) == (str(attempt.pk), HIDDEN_SET)
    assert job["bundle"] == submission.challenge.bundle.digest


def test_inspection_rejects_with_its_verdict(challenge: Challenge, team: Team) -> None:
    submission = hand_in(challenge, team)
    actions.record_passport(passport_for(submission, verdict=verdict("unsafe_file")))
    rejected = fresh(submission)
    assert rejected.state == SubmissionState.REJECTED
    assert rejected.verdict == verdict("unsafe_file")
    assert jobs_in(CPU_QUEUE) == []


def test_a_second_passport_changes_nothing(challenge: Challenge, team: Team) -> None:
    submission = hand_in(challenge, team)
    passport = passport_for(submission)
    actions.record_passport(passport)
    actions.record_passport(passport.model_copy(update={"verdict": verdict()}))
    assert fresh(submission).state == SubmissionState.QUEUED
    assert submission.attempts.filter(job=AttemptJob.SCORING).count() == 1


def test_an_inspection_that_we_broke_is_made_again(challenge: Challenge, team: Team) -> None:
    submission = hand_in(challenge, team)
    actions.record_passport(passport_for(submission, format=None, verdict=verdict("platform_fault")))
    again = attempt_of(submission, AttemptJob.INSPECTION)
    assert (again.number, again.state) == (2, AttemptState.WAITING)
    assert fresh(submission).state == SubmissionState.QUEUED


def test_the_first_progress_starts_the_run_and_its_wall_clock(submission: Submission) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        actions.record_progress(progress_for(submission))
    attempt = attempt_of(submission)
    assert (attempt.state, attempt.worker, attempt.fraction) == (AttemptState.RUNNING, "one", 0.5)
    assert fresh(submission).state == SubmissionState.RUNNING
    assert attempt.lease_until == now + timedelta(seconds=15)
    assert attempt.deadline == now + timedelta(seconds=2 * 30 + 120)


def test_progress_renews_the_lease_but_never_the_deadline(submission: Submission) -> None:
    actions.record_progress(progress_for(submission))
    before = attempt_of(submission)
    with time_machine.travel(timezone.now() + timedelta(seconds=10)):
        actions.record_progress(progress_for(submission, stage="scoring", fraction=0.9))
    after = attempt_of(submission)
    assert before.lease_until and after.lease_until
    assert after.lease_until >= before.lease_until + timedelta(seconds=10)
    assert (after.deadline, after.stage) == (before.deadline, "scoring")


def test_a_heartbeat_renews_the_lease_of_the_run_that_it_names(submission: Submission) -> None:
    attempt = attempt_of(submission)
    actions.record_worker(heartbeat(running=attempt.pk))
    assert attempt_of(submission).state == AttemptState.RUNNING
    with time_machine.travel(timezone.now() + timedelta(seconds=10)):
        actions.record_worker(heartbeat(running=attempt.pk))
        lease = attempt_of(submission).lease_until
        assert lease and lease > timezone.now() + timedelta(seconds=14)


def test_another_workers_copy_of_the_job_renews_nothing(submission: Submission) -> None:
    actions.record_progress(progress_for(submission, worker="one"))
    before = attempt_of(submission)
    actions.record_progress(progress_for(submission, worker="two", fraction=0.9))
    assert attempt_of(submission).fraction == before.fraction


def test_an_evaluation_is_stored_whole(submission: Submission) -> None:
    actions.record_evaluation(evaluation_for(submission, 0.9))
    stored = fresh(submission)
    assert stored.state == SubmissionState.SCORED
    assert stored.finished_at is not None
    evaluation = stored.evaluations.get()
    assert {score.split for score in evaluation.scores.all()} == {"validation", "public", "private"}
    assert evaluation.outcomes.get().count == 500
    assert evaluation.cost and evaluation.cost.macs == 640


def test_an_answer_may_overtake_every_sign_of_progress(submission: Submission) -> None:
    actions.record_evaluation(evaluation_for(submission))
    actions.record_progress(progress_for(submission))
    assert fresh(submission).state == SubmissionState.SCORED
    assert [change.new for change in submission.changes.all()] == ["queued", "scored"]


def test_a_second_answer_changes_nothing(submission: Submission) -> None:
    first = actions.record_evaluation(evaluation_for(submission, 0.9))
    second = actions.record_evaluation(evaluation_for(submission, 0.1))
    assert first is not None
    assert second is None
    assert Score.objects.get(split="public").value == 0.9


def test_parallel_answers_are_recorded_once(submission: Submission) -> None:
    message = evaluation_for(submission)

    def record(_: int) -> bool:
        try:
            return actions.record_evaluation(message) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(record, range(6))) == 1
    assert Evaluation.objects.count() == 1


def test_progress_and_answer_at_once_end_in_scored(challenge: Challenge) -> None:
    for _ in range(5):
        submission = inspected(challenge, make_team(challenge.event))
        Attempt.objects.filter(submission=submission, job=AttemptJob.SCORING).update(state="dispatched")
        words = [
            lambda s=submission: actions.record_progress(progress_for(s)),
            lambda s=submission: actions.record_evaluation(evaluation_for(s)),
        ]

        def say(word: object) -> None:
            try:
                word()  # type: ignore[operator]
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(say, words))
        assert fresh(submission).state == SubmissionState.SCORED


def test_an_answer_to_an_unknown_attempt_changes_nothing(submission: Submission) -> None:
    assert actions.record_evaluation(evaluation_for(submission, attempt=uuid4())) is None
    assert fresh(submission).state == SubmissionState.QUEUED


def test_a_fault_of_the_submission_rejects_it(submission: Submission) -> None:
    actions.record_evaluation(evaluation_for(submission, scores=[], verdict=verdict(), log_excerpt="Boom"))
    rejected = fresh(submission)
    assert rejected.state == SubmissionState.REJECTED
    assert rejected.verdict == verdict()
    assert rejected.evaluations.get().log_excerpt == "Boom"
    assert Score.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ({"scores": [split_score("public", math.nan)]}, "not a finite number"),
        ({"scores": [split_score("public", 0.5, math.inf)]}, "not a finite number"),
        ({"scores": []}, "no split"),
        ({"scores": [split_score("private", 0.5)]}, "scores for private"),
        ({"scores": [split_score("public", 0.5), split_score("public", 0.6)]}, "public, public"),
        ({"artefact": "e" * 64}, "another file"),
        ({"bundle": "e" * 64}, "another version"),
    ],
)
def test_an_unsound_answer_is_a_fault_of_ours(
    submission: Submission, wrong: dict[str, object], found: str
) -> None:
    actions.record_evaluation(evaluation_for(submission, **wrong))
    assert fresh(submission).state == SubmissionState.QUEUED
    assert attempt_of(submission).number == 2
    assert Evaluation.objects.count() == 0
    for _ in range(2):
        Attempt.objects.filter(state=AttemptState.WAITING).update(state=AttemptState.DISPATCHED)
        actions.record_evaluation(evaluation_for(submission, **wrong))
    failed = fresh(submission)
    assert failed.verdict is not None
    assert (failed.state, failed.verdict.fault) == (SubmissionState.FAILED, "platform")
    assert found in failed.verdict.found


def test_after_a_fault_of_ours_the_next_attempt_waits_a_little(submission: Submission) -> None:
    fault = evaluation_for(submission, scores=[], verdict=verdict("platform_fault"))
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        actions.record_evaluation(fault)
        assert actions.dispatch(timezone.now()) == 0
        clock.shift(timedelta(seconds=3))
        assert actions.dispatch(timezone.now()) == 1


def test_every_change_of_state_is_kept(submission: Submission) -> None:
    actions.record_progress(progress_for(submission))
    actions.record_evaluation(evaluation_for(submission))
    steps = [(change.old, change.new) for change in submission.changes.all()]
    assert steps == [("", "queued"), ("queued", "running"), ("running", "scored")]
