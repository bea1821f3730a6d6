"""Rehearsals: free runs on the validation split, in the same lanes, never on a board."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from heldout.catalog.models import Challenge
from heldout.events.rules import Refusal
from heldout.leaderboards import actions as leaderboards
from heldout.leaderboards.models import Standing
from heldout.submissions import actions, rules
from heldout.submissions.models import Attempt, AttemptState, Score, Submission, SubmissionState
from heldout.submissions.queries import log_of, submission_row, submissions_of
from heldout.submissions.recording import LONGEST_LOG
from heldout.submissions.rules import REHEARSAL_PATIENCE, tries_left
from heldout.submissions.uploads import ReceivedFile
from heldout.teams.models import Team
from scoring.job import CPU_QUEUE
from tests.heldout.broker import jobs_in
from tests.heldout.factories import make_coach, make_organizer, make_participant, make_team
from tests.heldout.handing_in import (
    attempt_of,
    evaluation_for,
    fresh,
    hand_in,
    inspected,
    make_challenge,
    member_of,
    passport_for,
    put_to_work,
    rehearsal_for,
    rehearsed,
    scored,
    verdict,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_rehearsal_needs_no_try_and_costs_none(challenge: Challenge, team: Team) -> None:
    for _ in range(5):
        hand_in(challenge, team)
    assert rehearsed(challenge, team).state == SubmissionState.SCORED
    assert tries_left(team, challenge, timezone.now()).left == 0
    Submission.objects.filter(rehearsal=False).update(state=SubmissionState.CANCELLED)
    assert tries_left(team, challenge, timezone.now()).left == 5


def test_a_rehearsal_obeys_every_other_rule(challenge: Challenge, team: Team) -> None:
    with pytest.raises(Refusal, match="not in this team"):
        hand_in(challenge, team, author=make_participant(challenge.event), rehearsal=True)
    with pytest.raises(Refusal, match="up to 1 MB"):
        hand_in(challenge, team, upload=ReceivedFile("d" * 64, 2**20 + 1, "big.onnx"), rehearsal=True)
    with pytest.raises(Refusal, match="has not opened"):
        hand_in(make_challenge(challenge.event, opened=False), team, rehearsal=True)
    misfit = hand_in(challenge, team, rehearsal=True)
    actions.record_passport(passport_for(misfit, format="sklearn", verdict=verdict("format_not_accepted")))
    assert fresh(misfit).state == SubmissionState.REJECTED


def test_rehearsals_are_capped_by_the_hour(
    challenge: Challenge, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "FLOOD_LIMIT", 2)
    for _ in range(2):
        rehearsed(challenge, team)
    with pytest.raises(Refusal, match="a lot within an hour"):
        hand_in(challenge, team, rehearsal=True)


def test_the_worker_is_asked_to_rehearse(challenge: Challenge, team: Team) -> None:
    for rehearsal in (True, False):
        Attempt.objects.all().update(state=AttemptState.DONE)
        inspected(challenge, team, rehearsal=rehearsal)
    assert [job["rehearsal"] for job in jobs_in(CPU_QUEUE)] == [True, False]


def test_a_rehearsal_has_its_validation_score_and_changes_no_standing(
    challenge: Challenge, team: Team
) -> None:
    scored(challenge, team, 0.7)
    before = Standing.objects.get()
    submission = rehearsed(challenge, team, 0.95)
    row = submission_row(submission)
    assert (row.rehearsal, row.score, row.validation, row.is_best) == (True, 0.95, 0.95, False)
    assert leaderboards.rebuild_standings() == 0
    after = Standing.objects.get()
    assert (after.submission_id, after.scored_count) == (before.submission_id, 1)
    assert [each.is_best for each in submissions_of(team, challenge)] == [False, True]


def test_hidden_scores_of_a_rehearsal_are_a_fault_of_ours_and_are_not_kept(
    challenge: Challenge, team: Team
) -> None:
    submission = inspected(challenge, team, rehearsal=True)
    put_to_work(submission)
    leaderboards.record_evaluation(evaluation_for(submission))
    assert fresh(submission).state == SubmissionState.QUEUED
    assert attempt_of(submission).number == 2
    assert not Score.objects.exists()


def test_the_log_is_kept_to_its_last_64_kib_for_those_who_may_see_it(
    challenge: Challenge, team: Team
) -> None:
    submission = rehearsed(challenge, team, log_excerpt="first" + "x" * LONGEST_LOG + "last")
    log = log_of(submission, member_of(team))
    assert (len(log), log[:1], log[-4:]) == (2**16, "x", "last")
    team.coach = make_coach(challenge.event)
    team.save()
    for viewer in (team.coach, make_organizer(challenge.event)):
        assert log_of(fresh(submission), viewer) == log
    assert log_of(submission, member_of(make_team(challenge.event))) == ""


def test_what_a_submission_prints_is_no_log_for_its_team(challenge: Challenge, team: Team) -> None:
    submission = inspected(challenge, team)
    put_to_work(submission)
    leaderboards.record_evaluation(evaluation_for(submission, log_excerpt="a hidden pixel is 17"))
    assert log_of(submission, member_of(team)) == ""


def test_a_rejected_rehearsal_says_what_it_printed_though_excerpts_are_off(
    challenge: Challenge, team: Team
) -> None:
    challenge.event.shows_excerpts = False
    challenge.event.save()
    submission = inspected(challenge, team, rehearsal=True)
    put_to_work(submission)
    crashed = verdict("crashed").model_copy(update={"excerpt": "ZeroDivisionError"})
    leaderboards.record_evaluation(rehearsal_for(submission, verdict=crashed, log_excerpt="all of it"))
    row = submission_row(submission)
    assert row.verdict is not None
    assert row.verdict.excerpt == "ZeroDivisionError"
    assert log_of(submission, member_of(team)) == "all of it"


def test_what_was_rehearsed_is_submitted_for_real_with_one_word(challenge: Challenge, team: Team) -> None:
    rehearsal = rehearsed(challenge, team, note="wider")
    real = actions.submit_rehearsed(rehearsal, member_of(team))
    assert (real.rehearsal, real.number, real.blob_id, real.note) == (False, 2, rehearsal.blob_id, "wider")
    assert tries_left(team, challenge, timezone.now()).left == 4


def test_only_a_rehearsal_that_was_scored_is_submitted_so_and_only_by_its_team(
    challenge: Challenge, team: Team
) -> None:
    for other in (scored(challenge, team), hand_in(challenge, team, rehearsal=True)):
        with pytest.raises(Refusal, match="Only a rehearsal that was scored"):
            actions.submit_rehearsed(other, member_of(team))
    with pytest.raises(Refusal, match="not in this team"):
        actions.submit_rehearsed(rehearsed(challenge, team), make_participant(challenge.event))


class TestTheQueue:
    """One worker's place and the one behind it are taken; what waits is put in order."""

    @pytest.fixture
    def busy(self, challenge: Challenge) -> Team:
        other = make_team(challenge.event)
        inspected(challenge, other)
        return other

    def test_submissions_go_before_rehearsals_of_every_team(
        self, challenge: Challenge, team: Team, busy: Team
    ) -> None:
        rehearsal = inspected(challenge, make_team(challenge.event), rehearsal=True)
        own = inspected(challenge, team, rehearsal=True)
        submission = inspected(challenge, team)
        waiting = [submission, rehearsal, own]
        assert [submission_row(each).progress.place for each in waiting] == [2, 3, 4]
        assert _served() == [submission.pk, rehearsal.pk, own.pk]

    def test_a_rehearsal_that_was_patient_takes_its_turn(
        self, challenge: Challenge, team: Team, busy: Team
    ) -> None:
        rehearsal = inspected(challenge, make_team(challenge.event), rehearsal=True)
        with time_machine.travel(timezone.now() + REHEARSAL_PATIENCE + timedelta(seconds=1)):
            submission = inspected(challenge, team)
            assert submission_row(rehearsal).progress.place == 2
            assert _served() == [rehearsal.pk, submission.pk]


def _served() -> list[object]:
    """The submissions that wait, in the order in which a worker is given them."""
    order: list[object] = []
    while Attempt.objects.filter(state=AttemptState.WAITING).exists():
        Attempt.objects.filter(state=AttemptState.DISPATCHED).update(state=AttemptState.DONE)
        actions.dispatch(timezone.now())
        order += Attempt.objects.filter(state=AttemptState.DISPATCHED).values_list("submission", flat=True)
    return order
