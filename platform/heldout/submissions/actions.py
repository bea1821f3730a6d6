"""Every change of a submission's state that people make; what workers and clocks do stands beside it."""

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from heldout import blobs
from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.catalog.models import Challenge
from heldout.events.rules import Refusal
from heldout.submissions.dispatching import dispatch, dispatch_inspection, new_attempt
from heldout.submissions.models import (
    UNFINISHED_STATES,
    AttemptJob,
    AttemptState,
    Blob,
    StateChange,
    Submission,
    SubmissionState,
)
from heldout.submissions.recording import record_evaluation, record_passport, record_progress, record_worker
from heldout.submissions.resuming import received
from heldout.submissions.rules import (
    may_cancel,
    may_submit_rehearsed,
    refuse_hand_in,
    refuse_too_large,
    refuse_unless_member,
)
from heldout.submissions.sweeping import SweepReport, sweep
from heldout.submissions.transitions import move, tell
from heldout.submissions.upload_models import Upload
from heldout.submissions.uploads import ReceivedFile
from heldout.teams.models import Team
from heldout.teams.queries import team_of
from heldout.teams.rules import visible_text

__all__ = [
    "SweepReport",
    "cancel",
    "dispatch",
    "record_evaluation",
    "record_passport",
    "record_progress",
    "record_worker",
    "retry",
    "submit",
    "submit_rehearsed",
    "submit_upload",
    "sweep",
]


LONGEST_NOTE = 300


@transaction.atomic
def submit(
    *,
    challenge: Challenge,
    team: Team,
    author: User,
    upload: ReceivedFile,
    note: str = "",
    rehearsal: bool = False,
) -> Submission:
    """Hand in a file that is in the store. Raises Refusal with what is wrong and when to try again.

    A rehearsal is a free run on the validation split: the same rules but for the tries, never on a
    board. The team's row is locked meanwhile, so that parallel requests cannot spend the same try.
    """
    now = timezone.now()
    refuse_unless_member(author, team, challenge)
    # The file took its time, in which the challenge may have closed.
    challenge.refresh_from_db(fields=["opened_at", "closes_at"])
    refuse_too_large(upload.size, challenge.bundle.manifest.limits.artefact_mb)
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    refuse_hand_in(author, team, challenge, now, rehearsal=rehearsal)
    Blob.objects.get_or_create(digest=upload.digest, defaults={"size": upload.size})
    submission = _create(challenge, team, author, upload, note, rehearsal=rehearsal)
    inspection = new_attempt(submission, AttemptJob.INSPECTION, now)
    dispatch_inspection(inspection, now)
    tell(submission)
    return submission


def submit_rehearsed(rehearsal: Submission, author: User) -> Submission:
    """Hand in for real what was rehearsed well: the same file, and the same note."""
    if not may_submit_rehearsed(rehearsal):
        raise Refusal("Only a rehearsal that was scored can be submitted.", "Hand the file in by the form.")
    blob = rehearsal.blob
    if not blobs.exists(blob.digest):
        raise Refusal("The rehearsal's file is not kept any more.", "Hand the file in by the form.")
    return submit(
        challenge=rehearsal.challenge,
        team=rehearsal.team,
        author=author,
        upload=ReceivedFile(blob.digest, blob.size, rehearsal.file_name),
        note=rehearsal.note,
    )


@transaction.atomic
def submit_upload(upload: Upload, author: User, *, note: str = "", rehearsal: bool = False) -> Submission:
    """Hand in a file that was sent in pieces; the upload is used up. Raises Refusal as `submit` does."""
    file = received(upload)
    team = team_of(author, upload.challenge.event)
    if team is None:
        raise Refusal("You are in no team.", "Only teams hand things in. Make or join one first.")
    if not Upload.objects.filter(pk=upload.pk).delete()[0]:
        raise Refusal("The upload was handed in already.", "It is among your team's submissions.")
    return submit(
        challenge=upload.challenge, team=team, author=author, upload=file, note=note, rehearsal=rehearsal
    )


def _create(
    challenge: Challenge, team: Team, author: User, upload: ReceivedFile, note: str, *, rehearsal: bool
) -> Submission:
    earlier = Submission.objects.filter(challenge=challenge, team=team).aggregate(last=Max("number"))
    submission = Submission.objects.create(
        number=(earlier["last"] or 0) + 1,
        challenge=challenge,
        team=team,
        author=author,
        by_token=author.by_token,
        blob_id=upload.digest,
        file_name=upload.file_name,
        rehearsal=rehearsal,
        note=visible_text(note[: 2 * LONGEST_NOTE])[:LONGEST_NOTE],
    )
    StateChange.objects.create(submission=submission, new=submission.state)
    return submission


@transaction.atomic
def cancel(submission: Submission, actor: User) -> None:
    """Take back a submission that is not finished; it costs no try."""
    if not may_cancel(actor, submission):
        raise Refusal("This is another team's submission.", "Only its own team can take it back.")
    ended = {
        "state": AttemptState.CANCELLED,
        "finished_at": timezone.now(),
        "lease_until": None,
        "deadline": None,
    }
    stopped = submission.attempts.filter(state__in=UNFINISHED_STATES, rescoring=None).update(**ended)
    submission.refresh_from_db(fields=["state"])
    if not stopped or not move(submission, SubmissionState.CANCELLED, reason=f"by {actor}"):
        raise Refusal("It is too late to cancel.", "The submission is finished already. Reload the page.")
    _audit("submission.cancelled", submission, actor)
    transaction.on_commit(lambda: dispatch(timezone.now()), robust=True)


@transaction.atomic
def retry(submission: Submission, actor: User) -> None:
    """Run a submission that failed by a fault of ours once more."""
    if submission.state != SubmissionState.FAILED:
        raise Refusal("Only a failed submission can be run again.", f"This one is {submission.state}.")
    now = timezone.now()
    last = submission.attempts.order_by("-created_at")[0]
    if not move(submission, SubmissionState.QUEUED, reason=f"run again by {actor}"):
        raise Refusal("Somebody was faster.", "It is being run again already.")
    Submission.objects.filter(pk=submission.pk).update(verdict_json=None)
    attempt = new_attempt(submission, AttemptJob(last.job), now, number=last.number + 1)
    if attempt.job == AttemptJob.INSPECTION:
        dispatch_inspection(attempt, now)
    _audit("submission.retried", submission, actor)
    transaction.on_commit(lambda: dispatch(now), robust=True)


def _audit(action: str, submission: Submission, actor: User) -> None:
    audit.write(action, submission, actor=actor, event_slug=submission.challenge.event.slug)
