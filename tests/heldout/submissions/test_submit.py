"""Handing in: who may, what, how often."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from heldout.accounts.models import User
from heldout.catalog.models import Challenge
from heldout.events.rules import Refusal
from heldout.submissions import actions
from heldout.submissions.models import Attempt, Submission, SubmissionState
from heldout.submissions.rules import FLOOD_LIMIT, tries_left
from heldout.submissions.uploads import ReceivedFile
from heldout.teams.models import Team
from scoring.job import INSPECT_QUEUE
from tests.heldout.broker import jobs_in
from tests.heldout.factories import make_coach, make_event, make_participant, make_team
from tests.heldout.handing_in import (
    fresh,
    hand_in,
    inspected,
    make_challenge,
    make_file,
    member_of,
    passport_for,
    scored,
    verdict,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_submission_is_queued_and_its_inspection_sent_at_once(challenge: Challenge, team: Team) -> None:
    submission = hand_in(challenge, team, note="  a wider layer ")

    assert submission.state == SubmissionState.QUEUED
    assert (submission.number, submission.note) == (1, "a wider layer")
    [job] = jobs_in(INSPECT_QUEUE)
    assert job["artefact"] == submission.blob_id
    assert job["attempt"] == str(submission.attempts.get().pk)


def test_submissions_are_numbered_within_team_and_challenge(challenge: Challenge, team: Team) -> None:
    other = make_team(challenge.event)
    numbers = [hand_in(challenge, t).number for t in (team, team, other)]
    assert numbers == [1, 2, 1]


def test_the_same_file_twice_is_stored_once(challenge: Challenge, team: Team) -> None:
    upload = make_file(b"the same weights")
    first, second = (hand_in(challenge, team, upload=upload) for _ in range(2))
    assert first.blob_id == second.blob_id


def test_only_members_hand_in_for_a_team(challenge: Challenge, team: Team) -> None:
    for stranger in (make_participant(challenge.event), make_coach(challenge.event), User(email="x@y.z")):
        if stranger.pk is None:
            stranger.save()
        with pytest.raises(Refusal, match="not in this team"):
            hand_in(challenge, team, author=stranger)


def test_a_team_of_another_event_is_refused(challenge: Challenge) -> None:
    elsewhere = make_team(make_event())
    with pytest.raises(Refusal, match="not in this team"):
        hand_in(challenge, elsewhere)


def test_a_locked_challenge_takes_nothing(team: Team) -> None:
    locked = make_challenge(team.event, opened=False)
    with pytest.raises(Refusal, match="has not opened"):
        hand_in(locked, team)


@pytest.mark.parametrize("field", ["closes_at", "ends_at"])
def test_a_closed_challenge_says_when_it_closed(challenge: Challenge, team: Team, field: str) -> None:
    target = challenge if field == "closes_at" else challenge.event
    setattr(target, field, timezone.now())
    target.save()
    with pytest.raises(Refusal, match="It closed on"):
        hand_in(challenge, team)


def test_a_file_beyond_the_limit_is_refused_with_the_limit(challenge: Challenge, team: Team) -> None:
    with pytest.raises(Refusal, match="up to 1 MB"):
        hand_in(challenge, team, upload=ReceivedFile("d" * 64, 2**20 + 1, "big.onnx"))


def test_the_quota_ends_with_the_time_of_new_tries(challenge: Challenge, team: Team) -> None:
    for _ in range(5):
        hand_in(challenge, team)
    with pytest.raises(Refusal, match=r"used its 5 tries. New ones come on \w+ at 00:00"):
        hand_in(challenge, team)


def test_rejected_failed_and_cancelled_submissions_cost_no_try(challenge: Challenge, team: Team) -> None:
    for state in (SubmissionState.REJECTED, SubmissionState.FAILED, SubmissionState.CANCELLED):
        Submission.objects.filter(pk=hand_in(challenge, team).pk).update(state=state)
    assert tries_left(team, challenge, timezone.now()).left == 5


def test_scored_and_unfinished_submissions_cost_a_try(challenge: Challenge, team: Team) -> None:
    scored(challenge, team)
    inspected(challenge, team)
    assert tries_left(team, challenge, timezone.now()).left == 3


def test_the_day_is_the_events_own() -> None:
    zone = "Asia/Tokyo"
    with time_machine.travel(datetime(2026, 11, 23, 14, 59, tzinfo=ZoneInfo("UTC")), tick=False) as clock:
        challenge = make_challenge(make_event(time_zone=zone))
        team = make_team(challenge.event)
        hand_in(challenge, team)
        tries = tries_left(team, challenge, timezone.now())
        assert (tries.left, tries.resets_at) == (4, datetime(2026, 11, 24, tzinfo=ZoneInfo(zone)))
        clock.shift(timedelta(minutes=2))
        assert tries_left(team, challenge, timezone.now()).left == 5


def test_rejected_files_are_capped_by_the_hour(challenge: Challenge, team: Team) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(FLOOD_LIMIT):
            submission = hand_in(challenge, team)
            actions.record_passport(passport_for(submission, verdict=verdict("unsafe_file")))
        with pytest.raises(Refusal, match="a lot within an hour"):
            hand_in(challenge, team)
        clock.shift(timedelta(hours=1))
        assert hand_in(challenge, team).number == FLOOD_LIMIT + 1


def test_parallel_requests_never_exceed_the_quota(challenge: Challenge, team: Team) -> None:
    author, uploads = member_of(team), [make_file() for _ in range(16)]

    def one(upload: ReceivedFile) -> bool:
        try:
            hand_in(challenge, team, author=author, upload=upload)
        except Refusal:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        accepted = list(pool.map(one, uploads))

    assert sum(accepted) == 5
    assert sorted(Submission.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5]


def test_a_broker_that_is_away_does_not_break_handing_in(
    challenge: Challenge, team: Team, broker_away: None, caplog: pytest.LogCaptureFixture
) -> None:
    submission = hand_in(challenge, team)
    assert "Error calling send_on_commit" in caplog.text
    assert fresh(submission).state == SubmissionState.QUEUED
    assert Attempt.objects.get().state == "dispatched"
