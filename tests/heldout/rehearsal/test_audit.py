"""The auditor finds each thing that can go wrong, and finds nothing where nothing did."""

from dataclasses import replace
from typing import Any

import pytest

from heldout.catalog.models import Challenge
from heldout.leaderboards.models import Standing
from heldout.rehearsal.audit import Finding, Key, Verdict, examine
from heldout.rehearsal.ledger import Accepted
from heldout.submissions import actions
from heldout.submissions.models import Attempt, AttemptState, Evaluation, Submission, SubmissionState
from heldout.submissions.recording import fail, platform_fault
from heldout.teams.models import Team
from scoring.job import AgainAnswer, SplitScore
from tests.heldout.factories import make_team
from tests.heldout.handing_in import HIDDEN_SET, inspected, make_challenge, passport_for, scored, verdict
from tests.heldout.handing_in import hand_in as handed_in

pytestmark = pytest.mark.django_db

NUMBER = 7


class Event:
    """One team on one challenge, what it was told, and what its files yield."""

    def __init__(self) -> None:
        self.challenge: Challenge = make_challenge(quota_per_day=50)
        self.team: Team = make_team(self.challenge.event, f"Team {NUMBER:03}")
        self.taken: list[Accepted] = []
        self.again: dict[Key, AgainAnswer] = {}

    def accept(self, row: Submission, sort: str = "good", **answer: Any) -> Submission:
        """The crowd was told of it, and its file yields `answer`."""
        self.taken.append(
            Accepted(
                tag=row.note, submission=str(row.pk), number=row.number, team=NUMBER,
                challenge=self.challenge.slug, digest=row.blob_id, sort=sort, format="onnx",
                created_at=row.created_at.isoformat(timespec="milliseconds"), at=0.0, by_look=False,
            )
        )  # fmt: skip
        found = AgainAnswer(artefact=row.blob_id, hidden_set=HIDDEN_SET, **answer)
        self.again[row.blob_id, self.challenge.slug] = found
        return row

    def scored(self, value: float, note: str) -> Submission:
        """A good file that was scored."""
        row = scored(self.challenge, self.team, value, note=note)
        return self.accept(row, scores=[public(value)])

    def rejected(self, note: str) -> Submission:
        """A bad file that was rejected."""
        row = handed_in(self.challenge, self.team, note=note)
        actions.record_passport(passport_for(row, verdict=verdict()))
        return self.accept(row, "bad", verdict=verdict())

    def examined(self) -> Verdict:
        return examine(self.taken, self.again)


def public(value: float) -> SplitScore:
    return SplitScore(split="public", value=value, low=value - 0.02, high=value + 0.02, count=500, metrics={})


@pytest.fixture
def event() -> Event:
    """Two scored submissions, the first of them the better one, and a rejected one."""
    made = Event()
    made.scored(0.9, "first")
    made.scored(0.8, "second")
    made.rejected("third")
    return made


def words(findings: list[Finding]) -> str:
    return "; ".join(f"{each.about}: {each.found}, not {each.expected}" for each in findings)


def test_an_event_without_faults_is_clean(event: Event) -> None:
    found = event.examined()
    assert found.clean, words([*found.lost, *found.wrong, *found.duplicate])
    assert (found.standings, found.files) == (1, 3)
    assert found.states == {"scored": 2, "rejected": 1}


def test_an_accepted_submission_that_is_not_there_is_lost(event: Event) -> None:
    event.taken.append(replace(event.taken[2], submission="00000000-0000-4000-8000-000000000000"))
    assert "no such submission" in words(event.examined().lost)


def test_one_that_never_comes_to_its_end_is_lost_with_its_attempt(event: Event) -> None:
    event.accept(inspected(event.challenge, event.team, note="waits"), "bad", verdict=verdict())
    lost = words(event.examined().lost)
    assert "it is queued, not an end" in lost
    assert "an attempt that is waiting" in lost


def test_one_that_failed_by_a_fault_of_ours_is_lost(event: Event) -> None:
    row = event.accept(handed_in(event.challenge, event.team, note="fails"), "bad", verdict=verdict())
    Attempt.objects.filter(submission=row).update(state=AttemptState.LOST)
    fail(row, platform_fault("no word from one"))
    assert "it failed: no word from one" in words(event.examined().lost)


def test_a_submission_with_another_file_is_lost(event: Event) -> None:
    other = event.taken[1].digest
    Submission.objects.filter(pk=event.taken[0].submission).update(blob_id=other)
    assert f"file {other}" in words(event.examined().lost)


def test_one_upload_that_became_two_submissions_is_a_duplicate(event: Event) -> None:
    event.scored(0.7, "first")
    assert "first: 2 submissions" in words(event.examined().duplicate)


def test_a_submission_that_nobody_was_told_of_is_a_duplicate(event: Event) -> None:
    scored(event.challenge, event.team, 0.5, note="strange")
    found = event.examined()
    assert "nobody was told of" in words(found.duplicate)
    assert "tries: 3, not 2" in words(found.wrong)


def test_a_submission_that_was_recorded_twice_is_a_duplicate(event: Event) -> None:
    run = Evaluation.objects.get(submission__pk=event.taken[0].submission)
    attempt = Attempt.objects.create(submission=run.submission, job="scoring", state=AttemptState.DONE)
    Evaluation.objects.create(
        attempt=attempt, submission=run.submission, current=False, bundle=run.bundle, engine="1", worker="w"
    )
    assert "2 evaluations" in words(event.examined().duplicate)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"score": 0.91}, "score: 0.91, not 0.9"),
        ({"low": 0.1}, "low: 0.1"),
        ({"high": 0.99}, "high: 0.99"),
        ({"scored_count": 3}, "tries: 3, not 2"),
    ],
)
def test_a_standing_that_says_something_else_is_wrong(
    event: Event, change: dict[str, Any], told: str
) -> None:
    Standing.objects.update(**change)
    assert told in words(event.examined().wrong)


def test_a_standing_by_another_submission_is_wrong(event: Event) -> None:
    Standing.objects.update(submission_id=event.taken[1].submission)
    assert "submission:" in words(event.examined().wrong)


def test_a_missing_standing_and_one_too_many_are_wrong(event: Event) -> None:
    Standing.objects.all().delete()
    assert "no standing, not 0.9" in words(event.examined().wrong)
    other = make_team(event.challenge.event, "Team 008")
    scored(event.challenge, other, 0.6, note="of others")
    assert "a standing of 0.6" in words(event.examined().wrong)


def test_among_equal_scores_the_first_counts(event: Event) -> None:
    event.scored(0.9, "as good, and later")
    assert event.examined().wrong == []


def test_a_good_file_that_was_rejected_and_a_bad_one_that_was_scored_are_wrong(event: Event) -> None:
    Submission.objects.filter(pk=event.taken[1].submission).update(state=SubmissionState.REJECTED)
    Submission.objects.filter(pk=event.taken[2].submission).update(state=SubmissionState.SCORED)
    found = words(event.examined().wrong)
    assert "it is rejected, not scored, as scored anew" in found
    assert "it is scored, not rejected, as scored anew" in found


def test_a_file_that_yields_what_its_maker_did_not_mean_is_told(event: Event) -> None:
    event.taken[2] = replace(event.taken[2], sort="good")
    assert "a good file that yields bad_shape" in words(event.examined().wrong)
