"""What workers send to the queue `site` about runs that have ended."""

from heldout.celery import app
from heldout.leaderboards import actions
from scoring.job import RECORD_EVALUATION_TASK, Evaluation


@app.task(name=RECORD_EVALUATION_TASK)
def record_evaluation(message: str) -> None:
    """Take a `scoring.job.Evaluation` as JSON."""
    actions.record_evaluation(Evaluation.model_validate_json(message))
