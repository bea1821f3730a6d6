"""The changes of state that a submission may make, and the one place that makes them."""

import logging

from django.utils import timezone

from heldout.broadcast import publish_on_commit
from heldout.submissions.models import StateChange, Submission, SubmissionState
from scoring.logs import about

logger = logging.getLogger(__name__)

S = SubmissionState

ALLOWED: dict[SubmissionState, frozenset[SubmissionState]] = {
    S.QUEUED: frozenset({S.RUNNING, S.SCORED, S.REJECTED, S.FAILED, S.CANCELLED}),
    S.RUNNING: frozenset({S.QUEUED, S.SCORED, S.REJECTED, S.FAILED, S.CANCELLED}),
    S.SCORED: frozenset(),
    S.REJECTED: frozenset(),
    S.FAILED: frozenset({S.QUEUED}),
    S.CANCELLED: frozenset(),
}
"""From each state, where to. A running one is queued again when its worker is lost; a failed one only
by an organizer."""

FINAL = frozenset({S.SCORED, S.REJECTED, S.FAILED, S.CANCELLED})


class ForbiddenChange(Exception):
    """A change of state that the table does not know: a fault in the program."""


def move(submission: Submission, new: SubmissionState, *, reason: str = "") -> bool:
    """Change the state by compare-and-set and keep the step as a row. Call it inside a transaction.

    False, and nothing changed, when somebody else moved the submission first.
    """
    old = SubmissionState(submission.state)
    if new not in ALLOWED[old]:
        raise ForbiddenChange(f"submission {submission.pk} may not go from {old} to {new}")
    finished_at = timezone.now() if new in FINAL else None
    same = Submission.objects.filter(pk=submission.pk, state=old)
    if not same.update(state=new, finished_at=finished_at):
        return False
    submission.state, submission.finished_at = new, finished_at
    StateChange.objects.create(submission=submission, old=old, new=new, reason=reason[:200])
    with about(submission=submission.pk):
        logger.info("the submission went from %s to %s", old.value, new.value)
    tell(submission)
    return True


def tell(submission: Submission, **data: object) -> None:
    """Let the team, its coach and the organizers know, once it is committed."""
    publish_on_commit(
        "submission",
        event=submission.challenge.event_id,
        team=submission.team_id,
        submission=str(submission.pk),
        challenge=submission.challenge.slug,
        state=submission.state,
        **data,
    )
