"""Writing down what workers say.

Only an attempt that is alive is recorded: a late or a second word changes nothing.
"""

import math
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from challenges.manifest import Split
from heldout.broadcast import publish_on_commit
from heldout.submissions.attaining import submission_scored
from heldout.submissions.dispatching import (
    alive_workers,
    bundle_for,
    dispatch,
    lease,
    new_attempt,
    run_limit,
)
from heldout.submissions.models import (
    LIVE_STATES,
    Attempt,
    AttemptJob,
    AttemptState,
    Evaluation,
    Outcomes,
    Score,
    Submission,
    SubmissionState,
    Worker,
)
from heldout.submissions.signals import scored
from heldout.submissions.transitions import move, tell
from scoring.job import Evaluation as EvaluationMessage
from scoring.job import Passport, Progress, Verdict, WorkerSeen

MOST_ATTEMPTS = 3
LONGEST_LOG = 64 * 1024
"""Characters of a run's log that are kept, the last ones."""
BACK_OFF = (timedelta(seconds=2), timedelta(seconds=15))
"""How long the second and the third attempt wait after a fault of ours."""


def find(attempt: UUID) -> Attempt | None:
    """The attempt with all that its recording needs, in one query."""
    related = Attempt.objects.select_related(
        "submission__challenge__bundle",
        "submission__challenge__event",
        "submission__challenge__preparation",
        "rescoring__preparation__bundle",
    )
    return related.filter(pk=attempt).first()


def finish(attempt: UUID, job: AttemptJob, now: datetime) -> Attempt | None:
    """End a live attempt by compare-and-set; None when it has ended already.

    Its row stays locked until the transaction ends, and whoever moves a submission holds its
    attempt's row first. So what is read afterwards stays true.
    """
    live = Attempt.objects.filter(pk=attempt, job=job, state__in=LIVE_STATES)
    if not live.update(state=AttemptState.DONE, finished_at=now, lease_until=None, deadline=None):
        return None
    return find(attempt)


@transaction.atomic
def record_passport(passport: Passport) -> None:
    """Store what inspection says; then the submission is rejected, or waits to be scored."""
    now = timezone.now()
    attempt = finish(passport.attempt, AttemptJob.INSPECTION, now)
    if attempt is None:
        return
    if passport.verdict and passport.verdict.fault == "platform":
        make_again(attempt, passport.verdict, now)
        return
    submission = attempt.submission
    submission.passport_json = passport.model_dump(mode="json")
    submission.format = passport.format or ""
    submission.save(update_fields=["passport_json", "format"])
    if passport.verdict or passport.format is None:
        reject(submission, passport.verdict or UNKNOWN_FORMAT)
        return
    new_attempt(submission, AttemptJob.SCORING, now)
    tell(submission)
    transaction.on_commit(lambda: dispatch(now), robust=True)


UNKNOWN_FORMAT = Verdict(
    code="unknown_format",
    found="a file of no kind that we know",
    expected="one of the formats that the challenge takes",
    fix="Export the model again and look at the starter kit's last step.",
)


def reject(submission: Submission, verdict: Verdict) -> None:
    """End the submission by a fault of its own, which costs no try."""
    _judge(submission, SubmissionState.REJECTED, verdict)


def fail(submission: Submission, verdict: Verdict) -> None:
    """End the submission by a fault of ours, which costs no try."""
    _judge(submission, SubmissionState.FAILED, verdict)


def _judge(submission: Submission, state: SubmissionState, verdict: Verdict) -> None:
    if move(submission, state, reason=f"{verdict.title}: {verdict.found}"):
        submission.verdict_json = verdict.model_dump(mode="json")
        submission.save(update_fields=["verdict_json"])


def make_again(attempt: Attempt, verdict: Verdict, now: datetime) -> None:
    """After a fault of ours: another attempt a little later, or after the third the end.

    Rescoring that fails leaves the submission as it was.
    """
    submission = attempt.submission
    if attempt.number >= MOST_ATTEMPTS:
        if attempt.rescoring is None:
            fail(submission, verdict)
        return
    if submission.state == SubmissionState.RUNNING:
        move(submission, SubmissionState.QUEUED, reason=verdict.found)
    wait = BACK_OFF[attempt.number - 1]
    number, job = attempt.number + 1, AttemptJob(attempt.job)
    new_attempt(submission, job, now, number=number, wait=wait, rescoring=attempt.rescoring)


@transaction.atomic
def record_progress(progress: Progress) -> None:
    """Take a sign of life: it renews the lease and shows the team how far its run is."""
    now = timezone.now()
    attempt = find(progress.attempt)
    if attempt is None:
        return
    seen: dict[str, object] = {
        "stage": progress.stage,
        "fraction": progress.fraction,
        "lease_until": lease(now),
    }
    if not (
        _start(attempt, progress.worker, now, **seen) or _running(attempt, progress.worker).update(**seen)
    ):
        return
    if attempt.rescoring is None:
        tell(attempt.submission, stage=progress.stage, fraction=progress.fraction)


def _running(attempt: Attempt, worker: str) -> "QuerySet[Attempt]":
    return Attempt.objects.filter(pk=attempt.pk, state=AttemptState.RUNNING, worker=worker)


def _start(attempt: Attempt, worker: str, now: datetime, **seen: object) -> bool:
    """The first word from a worker: the attempt runs, and its wall clock begins."""
    dispatched = Attempt.objects.filter(pk=attempt.pk, state=AttemptState.DISPATCHED)
    started = dispatched.update(
        state=AttemptState.RUNNING, worker=worker, started_at=now, deadline=now + run_limit(attempt), **seen
    )
    if started and attempt.job == AttemptJob.SCORING and attempt.rescoring is None:
        move(attempt.submission, SubmissionState.RUNNING, reason=f"worker {worker}")
    return bool(started)


@transaction.atomic(savepoint=False)
def record_evaluation(evaluation: EvaluationMessage) -> Submission | None:
    """Store a run's outcome and move its submission. None, and nothing changed, if it came late or twice.

    None also for what is rescored: it changes nothing until the rescoring is kept.
    """
    now = timezone.now()
    attempt = finish(evaluation.attempt, AttemptJob.SCORING, now)
    if attempt is None:
        return None
    submission = attempt.submission
    verdict = evaluation.verdict or unsound(evaluation, attempt)
    if verdict and verdict.fault == "platform":
        make_again(attempt, verdict, now)
        return submission if attempt.rescoring is None else None
    if attempt.rescoring is not None:
        _store(attempt, evaluation, with_scores=verdict is None)
        return None
    if verdict:
        _store(attempt, evaluation, with_scores=False)
        reject(submission, verdict)
        return submission
    _store(attempt, evaluation, with_scores=True)
    move(submission, SubmissionState.SCORED)
    submission_scored(submission)
    scored.send(Submission, submission=submission)
    return submission


def unsound(evaluation: EvaluationMessage, attempt: Attempt) -> Verdict | None:
    """What is wrong with an evaluation that claims success; such a fault is ours."""
    submission = attempt.submission
    splits = [score.split for score in evaluation.scores]
    numbers = [number for score in evaluation.scores for number in (score.value, score.low, score.high)]
    if evaluation.artefact != submission.blob_id or evaluation.bundle != bundle_for(attempt).digest:
        return platform_fault("a score for another file or another version of the challenge")
    if not _as_asked(splits, submission):
        return platform_fault(f"scores for {', '.join(splits) or 'no split'}")
    if not all(map(math.isfinite, numbers)):
        return platform_fault("a score that is not a finite number")
    return None


def _as_asked(splits: list[Split], submission: Submission) -> bool:
    """Whether these are the splits that are scored: of a rehearsal, the validation split alone."""
    if submission.rehearsal:
        return splits == ["validation"]
    return "public" in splits and len(set(splits)) == len(splits)


def platform_fault(found: str) -> Verdict:
    """The verdict for a fault of ours, which says what happened."""
    return Verdict(
        code="platform_fault",
        found=found,
        expected="a run that ends with scores",
        fix="Nothing is wrong with your file, and no try was spent. The organizers can run it again.",
    )


def _store(attempt: Attempt, evaluation: EvaluationMessage, *, with_scores: bool) -> None:
    stored = Evaluation.objects.create(
        attempt=attempt,
        submission=attempt.submission,
        current=attempt.rescoring is None,
        bundle=evaluation.bundle,
        engine=evaluation.engine,
        worker=evaluation.worker,
        cost_json=evaluation.cost.model_dump(mode="json") if evaluation.cost else None,
        stages=evaluation.stages,
        insight_json=evaluation.insight.model_dump(mode="json") if evaluation.insight else None,
        log_excerpt=evaluation.log_excerpt[-LONGEST_LOG:],
    )
    if not with_scores:
        return
    Score.objects.bulk_create(Score(evaluation=stored, **score.model_dump()) for score in evaluation.scores)
    Outcomes.objects.bulk_create(Outcomes(evaluation=stored, **o.model_dump()) for o in evaluation.outcomes)


def record_worker(seen: WorkerSeen) -> None:
    """Note a worker's heartbeat. It also renews the lease of the run that the worker is at."""
    now = timezone.now()
    returned = not alive_workers(now).filter(pk=seen.worker).exists()
    facts = {"queues": seen.queues, "formats": seen.formats, "running": seen.running, "seen_at": now}
    Worker.objects.update_or_create(name=seen.worker, defaults=facts)
    if seen.running:
        _keep_alive(seen, seen.running, now)
    if returned:
        publish_on_commit("workers", event=None)
        dispatch(now)


@transaction.atomic
def _keep_alive(seen: WorkerSeen, running: UUID, now: datetime) -> None:
    attempt = find(running)
    if attempt is not None and not _start(attempt, seen.worker, now, lease_until=lease(now)):
        _running(attempt, seen.worker).update(lease_until=lease(now))
