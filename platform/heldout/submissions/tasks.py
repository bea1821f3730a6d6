"""What workers and the clock send to the queue `site`."""

import logging

from django.utils import timezone

from heldout.celery import PATIENT, SWEEP_TASK, app
from heldout.submissions import actions
from scoring.job import (
    RECORD_PASSPORT_TASK,
    RECORD_PROGRESS_TASK,
    RECORD_WORKER_TASK,
    Passport,
    Progress,
    WorkerSeen,
)

logger = logging.getLogger(__name__)


@app.task(name=RECORD_PASSPORT_TASK, **PATIENT)
def record_passport(message: str) -> None:
    """Take a `scoring.job.Passport` as JSON."""
    actions.record_passport(Passport.model_validate_json(message))


@app.task(name=RECORD_PROGRESS_TASK)
def record_progress(message: str) -> None:
    """Take a `scoring.job.Progress` as JSON."""
    actions.record_progress(Progress.model_validate_json(message))


@app.task(name=RECORD_WORKER_TASK)
def record_worker(message: str) -> None:
    """Take a `scoring.job.WorkerSeen` as JSON."""
    actions.record_worker(WorkerSeen.model_validate_json(message))


@app.task(name=SWEEP_TASK)
def sweep() -> None:
    """Look for what was lost."""
    report = actions.sweep(timezone.now())
    if report.lost or report.sent_again:
        logger.warning("the sweep gave up %d attempts and sent %d jobs again", report.lost, report.sent_again)
