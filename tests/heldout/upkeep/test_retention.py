"""What may be deleted in time, and what never is."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from heldout import blobs
from heldout.audit.models import AuditEntry
from heldout.catalog.models import Challenge
from heldout.events.rules import Refusal
from heldout.leaderboards.models import Standing
from heldout.submissions import actions
from heldout.submissions.models import Submission
from heldout.submissions.uploads import ReceivedFile
from heldout.teams.models import Team
from heldout.upkeep.retention import Superfluous, delete, superfluous
from heldout.webhooks.models import Delivery
from heldout.webhooks.telling import trial_message
from tests.heldout.factories import make_team
from tests.heldout.handing_in import (
    hand_in,
    make_challenge,
    make_file,
    member_of,
    passport_for,
    put_to_work,
    rehearsal_for,
    rehearsed,
    scored,
    verdict,
)
from tests.heldout.webhooks.hooks import of_team

pytestmark = pytest.mark.django_db

LATER = timedelta(days=31)
KEEP = timedelta(days=30)


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> Path:
    settings.BLOBS = tmp_path
    return tmp_path


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge()


@pytest.fixture
def team(challenge: Challenge) -> Team:
    return make_team(challenge.event)


def a_month_later() -> Superfluous:
    return superfluous(timezone.now() + LATER, KEEP)


def digests_of(found: Superfluous) -> set[str]:
    return {file.digest for file in found.files}


def path_of(submission: Submission) -> Path:
    return blobs.path(submission.blob_id)


def rejected(challenge: Challenge, team: Team, **fields: Any) -> Submission:
    submission = hand_in(challenge, team, **fields)
    actions.record_passport(passport_for(submission, verdict=verdict("too_large")))
    return submission


def rehearsal_of(upload: ReceivedFile, challenge: Challenge, team: Team) -> Submission:
    submission = hand_in(challenge, team, upload=upload, rehearsal=True)
    actions.record_passport(passport_for(submission))
    put_to_work(submission)
    actions.record_evaluation(rehearsal_for(submission))
    return submission


def test_a_rehearsal_keeps_its_file_for_a_month_and_no_longer(challenge: Challenge, team: Team) -> None:
    rehearsal = rehearsed(challenge, team)
    assert superfluous(timezone.now() + timedelta(days=29), KEEP).files == []
    assert digests_of(a_month_later()) == {rehearsal.blob_id}


def test_what_was_rejected_or_taken_back_goes_too(challenge: Challenge, team: Team) -> None:
    refused, taken_back = rejected(challenge, team), hand_in(challenge, team)
    actions.cancel(taken_back, member_of(team))
    assert digests_of(a_month_later()) == {refused.blob_id, taken_back.blob_id}


def test_a_file_that_a_standing_needs_is_never_deleted(challenge: Challenge, team: Team) -> None:
    best, second = scored(challenge, team, 0.9), scored(challenge, team, 0.5)
    found = a_month_later()
    delete(found, timezone.now() + LATER)
    assert found.files == []
    assert path_of(best).exists() and path_of(second).exists()
    assert Standing.objects.get().submission == best


def test_what_waits_or_failed_by_our_fault_is_kept(challenge: Challenge, team: Team) -> None:
    waits = hand_in(challenge, team)
    failed = hand_in(challenge, team)
    Submission.objects.filter(pk=failed.pk).update(state="failed", finished_at=timezone.now())
    assert a_month_later().files == []
    assert path_of(waits).exists()


def test_a_file_that_was_also_handed_in_for_real_is_kept(challenge: Challenge, team: Team) -> None:
    same = make_file(b"the very same model")
    rehearsal_of(same, challenge, team)
    hand_in(challenge, team, upload=same)
    assert a_month_later().files == []


def test_a_file_that_something_else_names_is_kept(challenge: Challenge, team: Team) -> None:
    rehearsal = rehearsed(challenge, team)
    challenge.bundle.manifest_json["description_of_a_later_field"] = rehearsal.blob_id
    challenge.bundle.save()
    assert a_month_later().files == []


def test_a_file_that_nothing_names_goes_when_it_is_old(store: Path) -> None:
    unknown = make_file(b"of a hand-in that was refused").digest
    assert superfluous(timezone.now(), KEEP).files == []
    assert digests_of(a_month_later()) == {unknown}


def test_what_is_just_being_received_is_left_alone(store: Path) -> None:
    incoming = blobs.new_incoming()
    incoming.write_bytes(b"half of")
    assert a_month_later().files == []


def test_what_was_handed_in_again_meanwhile_is_kept(challenge: Challenge, team: Team) -> None:
    rehearsal = rehearsed(challenge, team)
    found = a_month_later()
    actions.submit_rehearsed(rehearsal, member_of(team))
    assert delete(found, timezone.now() + LATER) == 0
    assert path_of(rehearsal).exists()


def test_each_loss_is_in_the_audit_log(challenge: Challenge, team: Team) -> None:
    rehearsal = rehearsed(challenge, team)
    assert delete(a_month_later(), timezone.now() + LATER) == 1
    assert not path_of(rehearsal).exists()
    entry = AuditEntry.objects.get(action="submission.file_deleted")
    assert entry.target_id == str(rehearsal.pk)
    assert entry.event_slug == challenge.event.slug
    assert entry.before["digest"] == rehearsal.blob_id


def test_a_second_time_finds_nothing(challenge: Challenge, team: Team) -> None:
    rehearsed(challenge, team)
    delete(a_month_later(), timezone.now() + LATER)
    assert a_month_later().files == []


def test_a_rehearsal_whose_file_is_gone_cannot_be_handed_in_and_says_what_to_do(
    challenge: Challenge, team: Team
) -> None:
    rehearsal = rehearsed(challenge, team)
    delete(a_month_later(), timezone.now() + LATER)
    with pytest.raises(Refusal, match="not kept any more"):
        actions.submit_rehearsed(rehearsal, member_of(team))


def test_the_same_file_can_be_handed_in_anew(challenge: Challenge, team: Team) -> None:
    content = b"a model that comes back"
    gone = rehearsal_of(make_file(content), challenge, team)
    delete(a_month_later(), timezone.now() + LATER)
    assert not path_of(gone).exists()
    again = hand_in(challenge, team, upload=make_file(content))
    assert path_of(again).exists()


def test_nothing_younger_than_a_day_goes_whatever_is_asked(challenge: Challenge, team: Team) -> None:
    rehearsed(challenge, team)
    assert superfluous(timezone.now() + timedelta(hours=23), timedelta(0)).files == []


def test_sessions_that_have_run_out_go() -> None:
    now = timezone.now()
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(days=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(days=1))
    found = superfluous(now, KEEP)
    delete(found, now)
    assert found.sessions == 1
    assert [session.session_key for session in Session.objects.all()] == ["new"]


def test_the_size_is_what_the_files_have(challenge: Challenge, team: Team) -> None:
    rehearsal = rehearsed(challenge, team)
    assert a_month_later().size == os.stat(path_of(rehearsal)).st_size


def test_what_webhooks_were_told_goes_after_the_days_unless_it_still_waits(
    challenge: Challenge, team: Team
) -> None:
    waits, over = (trial_message(of_team(team)) for _ in range(2))
    Delivery.objects.filter(pk=over.pk).update(state="delivered")
    found = a_month_later()
    assert (found.deliveries, superfluous(timezone.now(), KEEP).deliveries) == (1, 0)
    delete(found, timezone.now() + LATER)
    assert list(Delivery.objects.all()) == [waits]
