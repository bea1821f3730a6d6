"""What workers send to the queue `site` about runs that have ended."""

from heldout.celery import PATIENT, app
from heldout.leaderboards import actions
from heldout.leaderboards.comparing import compare_again
from scoring.job import RECORD_EVALUATION_TASK, Evaluation


@app.task(name=RECORD_EVALUATION_TASK, **PATIENT)
def record_evaluation(message: str) -> None:
    """Take a `scoring.job.Evaluation` as JSON."""
    challenge = actions.record_evaluation(Evaluation.model_validate_json(message))
    if challenge is not None:
        compare_again(challenge)
