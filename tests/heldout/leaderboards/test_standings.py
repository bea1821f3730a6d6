"""A standing follows from scored submissions, and from nothing else."""

import json
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heldout.broadcast import CHANNEL
from heldout.catalog.models import Challenge
from heldout.leaderboards import actions
from heldout.leaderboards.models import Standing
from heldout.submissions import actions as submissions
from heldout.submissions.models import Submission
from heldout.teams.models import Team
from tests.heldout.broker import link
from tests.heldout.factories import make_team
from tests.heldout.handing_in import (
    evaluation_for,
    hand_in,
    inspected,
    make_challenge,
    passport_for,
    put_to_work,
    scored,
    verdict,
)
from tests.heldout.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

FACTS = ("team", "submission", "score", "low", "high", "achieved_at", "scored_count")


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge(quota_per_day=1000)


@pytest.fixture
def team(challenge: Challenge) -> Team:
    return make_team(challenge.event)


def table() -> list[tuple[Any, ...]]:
    return list(Standing.objects.order_by("challenge", "team").values_list("challenge", *FACTS))


def heard(act: Any) -> list[dict[str, Any]]:
    """What is published while `act` runs."""
    client: Any = link()  # whose `pubsub` has no types
    with client.pubsub(ignore_subscribe_messages=True) as channel:
        channel.subscribe(CHANNEL)
        channel.get_message(timeout=5)
        act()
        messages = iter(lambda: channel.get_message(timeout=0.2), None)
        told = [json.loads(message["data"]) for message in messages]
        assert all(one.pop("id") for one in told)
        return told


def test_the_first_score_makes_a_standing(challenge: Challenge, team: Team) -> None:
    submission = scored(challenge, team, 0.9)
    standing = Standing.objects.get()
    assert (standing.submission, standing.score, standing.scored_count) == (submission, 0.9, 1)
    assert standing.achieved_at == submission.created_at


def test_a_better_score_replaces_it_and_a_worse_one_does_not(challenge: Challenge, team: Team) -> None:
    scored(challenge, team, 0.5)
    best = scored(challenge, team, 0.9)
    scored(challenge, team, 0.7)
    standing = Standing.objects.get()
    assert (standing.submission, standing.scored_count) == (best, 3)


def test_among_equal_scores_the_earlier_submission_stands(challenge: Challenge, team: Team) -> None:
    first = scored(challenge, team, 0.9)
    scored(challenge, team, 0.9)
    assert Standing.objects.get().submission == first


def test_an_earlier_submission_that_is_scored_later_stands(challenge: Challenge, team: Team) -> None:
    early = inspected(challenge, team)
    scored(challenge, team, 0.9)
    put_to_work(early)
    actions.record_evaluation(evaluation_for(early, 0.9))
    assert Standing.objects.get().submission == early


def test_of_losses_the_smallest_stands(team: Team) -> None:
    challenge = make_challenge(team.event, metric="log_loss")
    scored(challenge, team, 0.9)
    best = scored(challenge, team, 0.4)
    assert Standing.objects.get().submission == best


def test_a_rejected_submission_makes_no_standing(challenge: Challenge, team: Team) -> None:
    submission = inspected(challenge, team)
    actions.record_evaluation(evaluation_for(submission, scores=[], verdict=verdict()))
    assert not Standing.objects.exists()


def test_the_same_answer_many_times_at_once_gives_one_standing(challenge: Challenge, team: Team) -> None:
    submission = inspected(challenge, team)
    message = evaluation_for(submission)
    at_once([lambda: actions.record_evaluation(message)] * 6)
    standing = Standing.objects.get()
    assert (standing.submission, standing.scored_count) == (submission, 1)


def test_answers_of_one_team_at_once_leave_the_best(challenge: Challenge, team: Team) -> None:
    waiting = [inspected(challenge, team) for _ in range(6)]
    for submission in waiting:
        put_to_work(submission)
    messages = [evaluation_for(s, 0.5 + n / 100) for n, s in enumerate(waiting)]
    at_once([partial(actions.record_evaluation, message) for message in messages])
    standing = Standing.objects.get()
    assert (standing.submission, standing.scored_count) == (waiting[-1], 6)


def test_pages_hear_of_a_change_once_it_can_be_seen(challenge: Challenge, team: Team) -> None:
    submission = inspected(challenge, team)
    messages = heard(lambda: actions.record_evaluation(evaluation_for(submission)))
    boards = [message for message in messages if message["topic"] == "board"]
    assert boards == [
        {"topic": "board", "event": challenge.event_id, "team": None, "data": {"challenge": challenge.slug}}
    ]


def test_a_second_answer_is_not_announced(challenge: Challenge, team: Team) -> None:
    submission = inspected(challenge, team)
    message = evaluation_for(submission)
    actions.record_evaluation(message)
    assert heard(lambda: actions.record_evaluation(message)) == []


def test_a_finished_run_gives_its_place_to_the_next(challenge: Challenge, team: Team) -> None:
    first, second = inspected(challenge, team), inspected(challenge, team)
    actions.record_evaluation(evaluation_for(first))
    assert second.attempts.get(job="scoring").state == "dispatched"


def test_a_damaged_standing_is_rebuilt(challenge: Challenge, team: Team) -> None:
    scored(challenge, team, 0.9)
    right = table()
    Standing.objects.update(score=0.1)
    idle = make_team(challenge.event)
    Standing.objects.create(
        challenge=challenge,
        team=idle,
        submission=Submission.objects.get(),
        score=1,
        low=1,
        high=1,
        achieved_at=timezone.now(),
        scored_count=1,
    )
    assert actions.rebuild_standings(challenge.event) == 2
    assert table() == right
    assert actions.rebuild_standings() == 0


def test_the_command_says_how_many_changed(
    challenge: Challenge, team: Team, capsys: pytest.CaptureFixture[str]
) -> None:
    scored(challenge, team)
    call_command("rebuild_standings", event=challenge.event.slug)
    assert capsys.readouterr().out == "0 standings changed.\n"


outcome = st.sampled_from(["scored", "rejected", "cancelled", "failed", "unsafe"])
history = st.lists(st.tuples(st.integers(0, 2), outcome, st.sampled_from([0.2, 0.5, 0.5, 0.9])), max_size=12)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=history, metric=st.sampled_from(["accuracy", "log_loss"]), data=st.data())
def test_rebuilding_gives_the_identical_rows(
    history: list[tuple[int, str, float]], metric: str, data: st.DataObject, transactional_db: None
) -> None:
    Standing.objects.all().delete()
    challenge = make_challenge(metric=metric, quota_per_day=1000)
    teams = [make_team(challenge.event) for _ in range(3)]
    steps = [(hand_in(challenge, teams[team]), end, value) for team, end, value in history]
    for submission, end, value in data.draw(st.permutations(steps)):
        play(submission, end, value)

    kept = table()
    Standing.objects.all().delete()
    actions.rebuild_standings(challenge.event)
    assert table() == kept
    expected = {s.team_id for s, end, _ in steps if end == "scored"}
    assert {row[1] for row in kept} == expected


def play(submission: Submission, end: str, value: float) -> None:
    """Let a submission come to its end."""
    if end == "unsafe":
        submissions.record_passport(passport_for(submission, verdict=verdict("unsafe_file")))
        return
    submissions.record_passport(passport_for(submission))
    if end == "cancelled":
        submissions.cancel(submission, submission.author)
        return
    put_to_work(submission)
    fault = {"scores": [], "verdict": verdict("platform_fault" if end == "failed" else "crashed")}
    wrong = {} if end == "scored" else fault
    actions.record_evaluation(evaluation_for(submission, value, **wrong))
