"""Which scores count: the one place that decides it for boards, points, passing and the end."""

from django.db.models import QuerySet

from challenges.manifest import Split
from heldout.catalog.models import Challenge
from heldout.submissions.models import Score, SubmissionState


def counting_scores(challenge: Challenge, split: Split) -> "QuerySet[Score]":
    """The scores on a split that count: current ones of scored submissions, neither rehearsed nor
    disqualified."""
    return Score.objects.filter(
        split=split,
        evaluation__current=True,
        evaluation__submission__challenge=challenge,
        evaluation__submission__state=SubmissionState.SCORED,
        evaluation__submission__rehearsal=False,
        evaluation__submission__disqualification=None,
        evaluation__submission__team__disqualification=None,
    )
