"""Giving work to workers: fairly, a little at a time, so that what waits can still be put in order.

The database is the truth. The broker only carries, and what it loses the sweep sends again.

Submissions go before rehearsals, for they decide ranks. A rehearsal that has waited for
`rules.REHEARSAL_PATIENCE` is put among them, so that it is never starved; and each counts as what it
is, a run of its team's, when the team that was served least is asked for.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet

from heldout.broadcast import publish_on_commit
from heldout.catalog.models import BundleVersion, Preparation
from heldout.celery import send_on_commit
from heldout.submissions.intervention_models import Pause, PauseScope
from heldout.submissions.models import (
    LIVE_STATES,
    Attempt,
    AttemptJob,
    AttemptState,
    Rescoring,
    RescoringState,
    Submission,
    Worker,
)
from heldout.submissions.rules import (
    REHEARSAL_PATIENCE,
    SERVED_WINDOW,
    TeamLoad,
    capacity,
    next_team,
    queue_for,
)
from scoring.job import CPU_QUEUE, GPU_QUEUE, INSPECT_QUEUE, INSPECT_TASK, SCORE_TASK, InspectJob, ScoreJob
from scoring.logs import about

logger = logging.getLogger(__name__)

ALIVE = timedelta(seconds=15)
"""A worker that was seen within this time counts as alive."""
WAITING_LIMIT = timedelta(hours=6)
"""How long an attempt may wait for a worker before it is given up."""
RUN_SLACK = timedelta(minutes=2)
"""What a run may take beyond the challenge's own limit: fetching, starting the sandbox, metrics."""
ACCELERATORS = ("none", "preferred", "required")


def lease(now: datetime) -> datetime:
    """Until when an attempt may be silent from now on."""
    return now + timedelta(seconds=settings.LEASE_SECONDS)


def alive_workers(now: datetime) -> "QuerySet[Worker]":
    """The workers that were seen of late."""
    return Worker.objects.filter(seen_at__gt=now - ALIVE)


def serves(workers: Sequence[Worker], queue: str) -> bool:
    """Whether one of the workers takes jobs from the queue."""
    return any(queue in worker.queues for worker in workers)


def new_attempt(
    submission: Submission,
    job: AttemptJob,
    now: datetime,
    *,
    number: int = 1,
    wait: timedelta = timedelta(),
    rescoring: Rescoring | None = None,
) -> Attempt:
    """Write down that a worker shall inspect or score the submission, after `wait`."""
    bundle = rescoring.preparation.bundle if rescoring else submission.challenge.bundle
    limits = bundle.manifest.limits
    return Attempt.objects.create(
        submission=submission,
        rescoring=rescoring,
        job=job,
        number=number,
        accelerator=limits.accelerator if job == AttemptJob.SCORING else "none",
        not_before=now + wait if wait else None,
        deadline=now + wait + WAITING_LIMIT,
    )


@transaction.atomic
def dispatch_inspection(attempt: Attempt, now: datetime) -> bool:
    """Send an inspection at once: it takes moments, and the team is watching."""
    if not _take(attempt, INSPECT_QUEUE, now):
        return False
    send(attempt)
    return True


def dispatch(now: datetime) -> int:
    """Give workers as much scoring as they can take now, fairly between teams. Gives the number sent."""
    sent = 0
    with transaction.atomic():
        workers = _locked_workers(now)
        gpu_alive = serves(workers, GPU_QUEUE)
        for queue in (CPU_QUEUE, GPU_QUEUE):
            wanted = [name for name in ACCELERATORS if queue_for(name, gpu_alive=gpu_alive) == queue]
            for _ in range(_free_places(queue, workers)):
                sent += _dispatch_next(queue, wanted, now)
        if sent:
            publish_on_commit("workers", event=None)
    return sent


def _locked_workers(now: datetime) -> list[Worker]:
    """The workers that are alive. All are locked, so that dispatchers take turns."""
    workers = Worker.objects.select_for_update(no_key=True).order_by("name")
    return [worker for worker in workers if worker.seen_at > now - ALIVE]


def _free_places(queue: str, workers: Sequence[Worker]) -> int:
    """How many more attempts may go to the broker's queue."""
    at_work = Attempt.objects.filter(job=AttemptJob.SCORING, queue=queue, state__in=LIVE_STATES).count()
    return max(0, capacity(sum(queue in worker.queues for worker in workers)) - at_work)


def _dispatch_next(queue: str, accelerators: list[str], now: datetime) -> bool:
    lane = _lane(ready_attempts(now).filter(accelerator__in=accelerators), now)
    team = next_team(_team_loads(lane, queue, now))
    if team is None:
        return False
    first = lane.filter(submission__team=team).order_by("submission__rehearsal", "created_at")
    attempt = first.select_related("submission__challenge__bundle", "submission__challenge__preparation")[0]
    if not _take(attempt, queue, now):
        return False
    send(attempt)
    return True


def _lane(ready: "QuerySet[Attempt]", now: datetime) -> "QuerySet[Attempt]":
    """Those of which the next is taken: submissions and patient rehearsals, else other rehearsals, else
    what is rescored."""
    patient = Q(created_at__lte=now - REHEARSAL_PATIENCE)
    own = ready.filter(rescoring=None)
    first = own.filter(Q(submission__rehearsal=False) | patient)
    if first.exists():
        return first
    return own if own.exists() else ready


def ready_attempts(now: datetime) -> "QuerySet[Attempt]":
    """Scoring attempts that wait for their turn."""
    due = Q(not_before__isnull=True) | Q(not_before__lte=now)
    wanted = Q(rescoring=None) | Q(rescoring__state=RescoringState.RUNNING)
    waiting = Attempt.objects.filter(due, wanted, job=AttemptJob.SCORING, state=AttemptState.WAITING)
    paused = Pause.objects.filter(scope=PauseScope.SCORING)
    everywhere, here = paused.filter(challenge=None), paused.filter(challenge__isnull=False)
    waiting = waiting.exclude(submission__challenge__event__in=everywhere.values("event"))
    return waiting.exclude(submission__challenge__in=here.values("challenge"))


def _team_loads(waiting: "QuerySet[Attempt]", queue: str, now: datetime) -> list[TeamLoad]:
    """For each team that waits: since when, how much it was served of late, how much is at work."""
    by_team = waiting.values_list("submission__team").annotate(oldest=Min("created_at")).order_by()
    oldest = dict(by_team)
    served = served_of_late(now).filter(queue=queue, submission__team__in=oldest)
    counts = {
        team: (count, live)
        for team, count, live in served.values_list("submission__team")
        .annotate(count=Count("pk"), live=Count("pk", filter=Q(state__in=LIVE_STATES)))
        .order_by()
    }
    return [TeamLoad(team, since, *counts.get(team, (0, 0))) for team, since in oldest.items()]


def served_of_late(now: datetime) -> "QuerySet[Attempt]":
    """Scoring attempts that were given to workers within the window of fairness.

    What organizers let run once more is not held against a team.
    """
    since = now - SERVED_WINDOW
    return Attempt.objects.filter(job=AttemptJob.SCORING, dispatched_at__gt=since, rescoring=None)


def _take(attempt: Attempt, queue: str, now: datetime) -> bool:
    """Move an attempt from waiting to dispatched, unless another dispatcher did."""
    waiting = Attempt.objects.filter(pk=attempt.pk, state=AttemptState.WAITING)
    until = lease(now)
    taken = {"state": AttemptState.DISPATCHED, "queue": queue, "dispatched_at": now, "lease_until": until}
    if not waiting.update(**taken):
        return False
    for name, value in taken.items():
        setattr(attempt, name, value)
    return True


def send(attempt: Attempt) -> None:
    """Put the attempt's job into its queue when the transaction commits."""
    submission = str(attempt.submission_id)
    with about(submission=submission, attempt=attempt.pk):
        logger.info("%s %d goes to the queue %s", attempt.job, attempt.number, attempt.queue)
    if attempt.job == AttemptJob.INSPECTION:
        send_on_commit(INSPECT_TASK, _inspect_job(attempt), attempt.queue, submission=submission)
    else:
        send_on_commit(SCORE_TASK, _score_job(attempt), attempt.queue, submission=submission)


def _inspect_job(attempt: Attempt) -> InspectJob:
    submission = attempt.submission
    manifest = submission.challenge.bundle.manifest
    return InspectJob(
        attempt=attempt.pk,
        artefact=submission.blob_id,
        file_name=submission.file_name,
        formats=manifest.formats,
        task=manifest.task,
        limits=manifest.limits,
    )


def _score_job(attempt: Attempt) -> ScoreJob:
    submission = attempt.submission
    preparation = preparation_for(attempt)
    assert preparation  # noqa: S101 - the database lets no challenge open without one
    bundle = bundle_for(attempt)
    manifest = bundle.manifest
    return ScoreJob.model_validate(
        {
            "attempt": attempt.pk,
            "artefact": submission.blob_id,
            "format": submission.format,
            "hidden_set": preparation.hidden_set,
            "bundle": bundle.digest,
            "task": manifest.task,
            "limits": manifest.limits,
            "seed": attempt.pk.int & 0x7FFF_FFFF,
            "rehearsal": submission.rehearsal,
        }
    )


def preparation_for(attempt: Attempt) -> Preparation | None:
    """The splits that an attempt runs against: its challenge's, or those of its rescoring."""
    return attempt.rescoring.preparation if attempt.rescoring else attempt.submission.challenge.preparation


def bundle_for(attempt: Attempt) -> BundleVersion:
    """The version of the bundle that an attempt runs against."""
    rescoring = attempt.rescoring
    return rescoring.preparation.bundle if rescoring else attempt.submission.challenge.bundle


def run_limit(attempt: Attempt) -> timedelta:
    """How long a worker may be at an attempt: hidden splits are run one after another."""
    seconds = bundle_for(attempt).manifest.limits.wall_seconds
    return 2 * timedelta(seconds=seconds) + RUN_SLACK
