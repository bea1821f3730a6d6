"""What workers send to the queue `site` about preparations."""

from heldout.catalog import actions
from heldout.celery import PATIENT, app
from scoring.job import RECORD_PREPARATION_TASK, RECORD_PREPARING_TASK, PreparationReport, Preparing


@app.task(name=RECORD_PREPARING_TASK)
def record_preparing(message: str) -> None:
    """Take a `scoring.job.Preparing` as JSON."""
    actions.record_preparing(Preparing.model_validate_json(message))


@app.task(name=RECORD_PREPARATION_TASK, **PATIENT)
def record_preparation(message: str) -> None:
    """Take a `scoring.job.PreparationReport` as JSON."""
    actions.record_preparation(PreparationReport.model_validate_json(message))
