"""Looking for what was lost: silent workers, an emptied broker, jobs that nobody took."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from kombu.exceptions import OperationalError

from heldout.broadcast import publish_on_commit
from heldout.catalog.actions import sweep_preparations
from heldout.celery import messages_in
from heldout.submissions.dispatching import (
    ALIVE,
    alive_workers,
    dispatch,
    dispatch_inspection,
    lease,
    send,
    serves,
)
from heldout.submissions.models import UNFINISHED_STATES, Attempt, AttemptJob, AttemptState, Worker
from heldout.submissions.recording import find, make_again, platform_fault
from heldout.submissions.resuming import remove_expired
from heldout.submissions.uploads import remove_abandoned
from scoring.job import CPU_QUEUE, GPU_QUEUE, INSPECT_QUEUE

logger = logging.getLogger(__name__)

MOST_SENDS = 3
"""A job that vanishes so often without a word kills whoever takes it; then its attempt is lost."""


@dataclass(frozen=True)
class SweepReport:
    """What one sweep did."""

    lost: int
    """Attempts given up: their worker fell silent, or their time was over."""
    sent_again: int
    """Jobs that the broker no longer held."""
    dispatched: int
    """Scoring attempts that were given to workers."""


def sweep(now: datetime) -> SweepReport:
    """Give up what is overdue, send again what was lost, and keep the workers fed."""
    lost = sum(_give_up(attempt, now) for attempt in _overdue(now))
    again = 0
    try:
        again = _send_lost_jobs(now)
    except OperationalError:
        logger.warning("the broker is away; lost jobs are sent again when it is back")
    _announce_silent_workers(now)
    _tidy(now)
    return SweepReport(lost=lost, sent_again=again, dispatched=dispatch(now))


def _tidy(now: datetime) -> None:
    """Remove files that nobody goes on with. A store that does not answer holds up no run."""
    try:
        remove_expired(now)
        remove_abandoned()
    except Exception:
        logger.exception("unfinished files could not be removed; the next sweep tries again")


def _overdue(now: datetime) -> "QuerySet[Attempt]":
    silent = Q(state=AttemptState.RUNNING, lease_until__lte=now)
    late = Q(state__in=UNFINISHED_STATES, deadline__lte=now)
    vanished = Q(state=AttemptState.DISPATCHED, lease_until__lte=now, sends__gte=MOST_SENDS)
    return Attempt.objects.filter(silent | late | vanished)


@transaction.atomic
def _give_up(seen: Attempt, now: datetime) -> bool:
    """Mark an attempt lost by compare-and-set on what was seen of it, and make it again."""
    same = Attempt.objects.filter(
        pk=seen.pk, state=seen.state, lease_until=seen.lease_until, deadline=seen.deadline
    )
    if not same.update(state=AttemptState.LOST, finished_at=now, lease_until=None, deadline=None):
        return False
    attempt = find(seen.pk)
    assert attempt  # noqa: S101 - its row was updated a line above
    make_again(attempt, platform_fault(_what_happened(seen, now)), now)
    return True


def _what_happened(attempt: Attempt, now: datetime) -> str:
    if attempt.state == AttemptState.WAITING:
        return "no worker that was free for hours"
    if attempt.state == AttemptState.DISPATCHED:
        return "no sign of the run: its worker may have died of it"
    if attempt.deadline and attempt.deadline <= now:
        return f"a run on {attempt.worker} that did not come to an end"
    return f"no word from {attempt.worker} for {settings.LEASE_SECONDS} seconds"


def _send_lost_jobs(now: datetime) -> int:
    again = sweep_preparations(now)
    again += sum(dispatch_inspection(attempt, now) for attempt in _unsent_inspections(now))
    again += sum(_send_again(attempt, now, CPU_QUEUE) for attempt in _stranded(now))
    for queue in (INSPECT_QUEUE, CPU_QUEUE, GPU_QUEUE):
        unanswered = _unanswered(now).filter(queue=queue)
        if unanswered and messages_in(queue) == 0 and _somebody_is_idle(queue, now):
            again += sum(_send_again(attempt, now, queue) for attempt in unanswered)
    return again


def _unsent_inspections(now: datetime) -> "QuerySet[Attempt]":
    due = Q(not_before__isnull=True) | Q(not_before__lte=now)
    return _with_challenge().filter(due, job=AttemptJob.INSPECTION, state=AttemptState.WAITING)


def _unanswered(now: datetime) -> "QuerySet[Attempt]":
    return _with_challenge().filter(state=AttemptState.DISPATCHED, lease_until__lte=now)


def _stranded(now: datetime) -> list[Attempt]:
    """What prefers a GPU and waits for one, when the last worker that had one is gone."""
    if serves(list(alive_workers(now)), GPU_QUEUE):
        return []
    return list(_unanswered(now).filter(queue=GPU_QUEUE, accelerator="preferred"))


def _with_challenge() -> "QuerySet[Attempt]":
    return Attempt.objects.select_related(
        "submission__challenge__bundle", "submission__challenge__preparation", "submission__challenge__event"
    )


def _somebody_is_idle(queue: str, now: datetime) -> bool:
    """Whether a job that is not in its queue must be lost: a busy worker may hold the next one in hand."""
    alive = [worker for worker in alive_workers(now) if queue in worker.queues]
    return not alive or any(worker.running is None for worker in alive)


@transaction.atomic
def _send_again(attempt: Attempt, now: datetime, queue: str) -> bool:
    same = Attempt.objects.filter(
        pk=attempt.pk, state=AttemptState.DISPATCHED, lease_until=attempt.lease_until
    )
    if not same.update(lease_until=lease(now), sends=F("sends") + 1, queue=queue):
        return False
    attempt.queue = queue
    send(attempt)
    return True


def _announce_silent_workers(now: datetime) -> None:
    since = now - ALIVE - timedelta(seconds=2 * settings.SWEEP_SECONDS)
    if Worker.objects.filter(seen_at__gt=since, seen_at__lte=now - ALIVE).exists():
        publish_on_commit("workers", event=None)
