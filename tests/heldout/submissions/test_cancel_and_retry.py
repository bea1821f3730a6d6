"""What people may still do about a submission."""

import pytest
from django.utils import timezone

from heldout.audit.models import AuditEntry
from heldout.catalog.models import Challenge
from heldout.events.rules import Refusal
from heldout.submissions import actions
from heldout.submissions.models import AttemptState, Submission, SubmissionState
from heldout.submissions.rules import tries_left
from heldout.submissions.transitions import ALLOWED, ForbiddenChange, move
from heldout.teams.models import Team
from tests.heldout.factories import make_coach, make_organizer, make_team
from tests.heldout.handing_in import (
    attempt_of,
    evaluation_for,
    fresh,
    inspected,
    member_of,
    progress_for,
    scored,
    verdict,
)

pytestmark = pytest.mark.django_db(transaction=True)


def failed(challenge: Challenge, team: Team) -> Submission:
    submission = inspected(challenge, team)
    Submission.objects.filter(pk=submission.pk).update(
        state=SubmissionState.FAILED, verdict_json=verdict("platform_fault").model_dump()
    )
    submission.attempts.update(state=AttemptState.LOST)
    return fresh(submission)


def test_a_running_submission_can_be_taken_back(challenge: Challenge, team: Team) -> None:
    submission = inspected(challenge, team)
    actions.record_progress(progress_for(submission))
    late_answer = evaluation_for(submission)
    actions.cancel(fresh(submission), member_of(team))
    assert fresh(submission).state == SubmissionState.CANCELLED
    assert tries_left(team, challenge, timezone.now()).left == 5
    assert actions.record_evaluation(late_answer) is None
    assert AuditEntry.objects.filter(action="submission.cancelled").exists()


def test_what_is_finished_cannot_be_taken_back(challenge: Challenge, team: Team) -> None:
    submission = scored(challenge, team)
    with pytest.raises(Refusal, match="too late"):
        actions.cancel(submission, member_of(team))


def test_only_the_team_and_organizers_take_back(challenge: Challenge, team: Team) -> None:
    team.coach = make_coach(challenge.event)
    team.save()
    submission = inspected(challenge, team)
    for actor in (team.coach, member_of(make_team(challenge.event))):
        with pytest.raises(Refusal, match="another team's"):
            actions.cancel(fresh(submission), actor)
    actions.cancel(fresh(submission), make_organizer(challenge.event))
    assert fresh(submission).state == SubmissionState.CANCELLED


def test_a_failed_submission_can_be_run_again(challenge: Challenge, team: Team) -> None:
    submission = failed(challenge, team)
    actions.retry(submission, make_organizer(challenge.event))
    again = fresh(submission)
    assert (again.state, again.verdict) == (SubmissionState.QUEUED, None)
    assert attempt_of(submission).state == AttemptState.DISPATCHED
    actions.record_evaluation(evaluation_for(submission))
    assert fresh(submission).state == SubmissionState.SCORED


def test_only_failed_submissions_are_run_again(challenge: Challenge, team: Team) -> None:
    with pytest.raises(Refusal, match="This one is scored"):
        actions.retry(scored(challenge, team), make_organizer(challenge.event))


@pytest.mark.parametrize("old", SubmissionState)
@pytest.mark.parametrize("new", SubmissionState)
def test_no_change_outside_the_table_happens(
    challenge: Challenge, team: Team, old: SubmissionState, new: SubmissionState
) -> None:
    submission = inspected(challenge, team)
    Submission.objects.filter(pk=submission.pk).update(state=old)
    submission = fresh(submission)
    if new in ALLOWED[old]:
        assert move(submission, new)
        assert fresh(submission).state == new
        return
    with pytest.raises(ForbiddenChange):
        move(submission, new)
    assert fresh(submission).state == old


def test_of_two_who_move_at_once_one_wins(challenge: Challenge, team: Team) -> None:
    submission = inspected(challenge, team)
    first, second = fresh(submission), fresh(submission)
    assert move(first, SubmissionState.REJECTED)
    assert not move(second, SubmissionState.FAILED)
    assert [change.new for change in submission.changes.all()] == ["queued", "rejected"]
