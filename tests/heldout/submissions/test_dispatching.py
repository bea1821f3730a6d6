"""Who is served next, and how much goes to the broker."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from heldout.catalog.models import Challenge
from heldout.submissions import actions
from heldout.submissions.models import LIVE_STATES, Attempt, AttemptJob, AttemptState, Submission
from heldout.submissions.queries import submission_row
from heldout.submissions.rules import TeamLoad, capacity, expected_order, next_team
from heldout.teams.models import Team
from scoring.job import CPU_QUEUE, PREPARE_QUEUE
from tests.heldout.broker import jobs_in
from tests.heldout.factories import make_team
from tests.heldout.handing_in import (
    attempt_of,
    evaluation_for,
    heartbeat,
    inspected,
    make_challenge,
    progress_for,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def load(team: int, *, minutes: int = 0, served: int = 0, live: int = 0) -> TeamLoad:
    return TeamLoad(team, NOON + timedelta(minutes=minutes), served, live)


def test_nobody_waits_nobody_is_served() -> None:
    assert next_team([]) is None


def test_the_team_served_least_comes_first_however_long_others_wait() -> None:
    assert next_team([load(1, served=3), load(2, served=1, minutes=30)]) == 2


def test_among_equals_the_one_that_waits_longest_comes_first() -> None:
    assert next_team([load(1, minutes=5), load(2, minutes=4)]) == 2


def test_a_team_with_two_at_work_lets_others_go_first() -> None:
    assert next_team([load(1, live=2), load(2, live=1, served=9)]) == 2


def test_a_team_alone_may_use_every_worker() -> None:
    assert next_team([load(1, live=4, served=9)]) == 1


@pytest.mark.parametrize(("alive", "places"), [(0, 1), (1, 2), (3, 4)])
def test_one_more_than_the_workers_is_with_the_broker(alive: int, places: int) -> None:
    assert capacity(alive) == places


@given(st.dictionaries(st.integers(0, 5), st.integers(1, 8), max_size=5), st.data())
def test_the_expected_order_serves_everyone_once_and_takes_turns(
    sizes: dict[int, int], data: st.DataObject
) -> None:
    waiting = {team: [NOON + timedelta(seconds=n) for n in range(size)] for team, size in sizes.items()}
    order = expected_order(waiting, {})
    assert sorted(order) == sorted((team, n) for team, size in sizes.items() for n in range(size))
    rounds = [index for _, index in order]
    assert rounds == sorted(rounds)


@pytest.mark.django_db(transaction=True)
class TestWithADatabase:
    @pytest.fixture
    def challenge(self) -> Challenge:
        return make_challenge(quota_per_day=100)

    @pytest.fixture
    def greedy(self, challenge: Challenge) -> Team:
        return make_team(challenge.event, "Greedy")

    def test_what_workers_cannot_take_stays_out_of_the_broker(
        self, challenge: Challenge, greedy: Team
    ) -> None:
        actions.record_worker(heartbeat("one"))
        for _ in range(6):
            inspected(challenge, greedy)
        assert len(jobs_in(CPU_QUEUE)) == 2
        assert Attempt.objects.filter(state=AttemptState.WAITING).count() == 4

    def test_a_worker_for_other_queues_is_given_nothing(self, challenge: Challenge, greedy: Team) -> None:
        actions.record_worker(heartbeat("preparer", queues=[PREPARE_QUEUE]))
        for _ in range(3):
            inspected(challenge, greedy)
        assert len(jobs_in(CPU_QUEUE)) == 1

    def test_a_worker_that_comes_back_is_fed_at_once(self, challenge: Challenge, greedy: Team) -> None:
        for _ in range(4):
            inspected(challenge, greedy)
        actions.record_worker(heartbeat("one"))
        assert len(jobs_in(CPU_QUEUE)) == 2

    def test_a_team_with_fifty_submissions_delays_nobody(self, challenge: Challenge, greedy: Team) -> None:
        for _ in range(50):
            inspected(challenge, greedy)
        modest = make_team(challenge.event, "Modest")
        waiting = inspected(challenge, modest)
        assert submission_row(waiting).progress.place == 2

        finish_next()

        assert attempt_of(waiting).state in LIVE_STATES

    def test_one_team_never_has_three_at_work_while_others_wait(
        self, challenge: Challenge, greedy: Team
    ) -> None:
        others = [make_team(challenge.event) for _ in range(3)]
        for team in [greedy] * 6 + others:
            inspected(challenge, team)
        for name in ("one", "two", "three"):
            actions.record_worker(heartbeat(name))
        live = Attempt.objects.filter(job=AttemptJob.SCORING, state__in=LIVE_STATES)
        assert live.count() == 4
        assert live.filter(submission__team=greedy).count() <= 2

    def test_two_teams_take_turns(self, challenge: Challenge, greedy: Team) -> None:
        other = make_team(challenge.event, "Other")
        for _ in range(4):
            inspected(challenge, greedy)
        for _ in range(2):
            inspected(challenge, other)
        served = [finish_next() for _ in range(6)]
        assert served == ["Greedy", "Other", "Greedy", "Other", "Greedy", "Greedy"]

    def test_what_was_long_ago_counts_no_more(self, challenge: Challenge, greedy: Team) -> None:
        with time_machine.travel(timezone.now()) as clock:
            for _ in range(3):
                inspected(challenge, greedy)
                finish_next()
            clock.shift(timedelta(hours=2))
            other = make_team(challenge.event)
            inspected(challenge, other)
            inspected(challenge, other)
            inspected(challenge, greedy)
            finish_next()
        dispatched = Attempt.objects.get(state=AttemptState.DISPATCHED, job=AttemptJob.SCORING)
        assert dispatched.submission.team == greedy

    def test_the_line_tells_place_and_time(self, challenge: Challenge, greedy: Team) -> None:
        now = timezone.now()
        with time_machine.travel(now, tick=False) as clock:
            first = inspected(challenge, greedy)
            actions.record_progress(progress_for(first))
            clock.shift(timedelta(seconds=10))
            actions.record_evaluation(evaluation_for(first))
            actions.dispatch(timezone.now())
            waiting = [inspected(challenge, greedy) for _ in range(3)]
            views = [submission_row(submission).progress for submission in waiting]
        assert [view.place for view in views] == [1, 2, 3]
        assert [view.wait_seconds for view in views] == [10, 20, 30]
        assert {view.stage for view in views} == {"queued"}

    def test_steps_tell_what_is_done_and_what_comes(self, challenge: Challenge, greedy: Team) -> None:
        submission = inspected(challenge, greedy)
        actions.record_progress(progress_for(submission, stage="predicting", fraction=0.41))
        view = submission_row(submission).progress
        assert (view.stage, view.fraction, view.place) == ("predicting", 0.41, None)
        assert [step.state for step in view.steps] == ["done", "done", "done", "now", "next"]

        actions.record_evaluation(evaluation_for(submission))
        view = submission_row(submission).progress
        assert (view.stage, view.fraction) == ("done", 1.0)
        assert {step.key: step.seconds for step in view.steps}["predicting"] == 1.0


def finish_next() -> str:
    """A worker ends what it was given first; gives the team's name."""
    attempt = (
        Attempt.objects.filter(job=AttemptJob.SCORING, state=AttemptState.DISPATCHED)
        .select_related("submission__team")
        .order_by("dispatched_at")[0]
    )
    submission = Submission.objects.select_related("challenge__bundle").get(pk=attempt.submission_id)
    actions.record_evaluation(evaluation_for(submission))
    actions.dispatch(timezone.now())
    return attempt.submission.team.name
