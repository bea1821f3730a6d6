"""What a team's scored submissions come to on a challenge: its best public score and the criteria they meet.

Passing is judged by the exact score of the public split, as the board is.
"""

import math
from datetime import datetime

from heldout.catalog.criteria import Run, met_by
from heldout.catalog.models import Attainment, Challenge
from heldout.catalog.passing import reach
from heldout.submissions.counting import counting_scores
from heldout.submissions.models import Score, Submission
from heldout.teams.models import Team


def keep_attainment(challenge: Challenge, team: Team) -> None:
    """Work out anew what the team has reached, from nothing but its scored submissions.

    Call it inside the transaction that has changed them.
    """
    scores = [score for score in _public_scores(challenge, team) if math.isfinite(score.value)]
    if not scores and not Attainment.objects.filter(challenge=challenge, team=team).exists():
        return
    manifest = challenge.bundle.manifest
    best, best_at = _best(scores, higher_is_better=manifest.task.higher_is_better)
    by_class = any(criterion.each_class for criterion in manifest.criteria)
    met = met_by(manifest, (_run(score, by_class=by_class) for score in scores))
    reach(challenge, team, best=best, best_at=best_at, met=met)


def _public_scores(challenge: Challenge, team: Team) -> list[Score]:
    found = counting_scores(challenge, "public").filter(evaluation__submission__team=team)
    related = found.select_related("evaluation__submission").defer("evaluation__insight_json")
    return list(related.order_by("evaluation__submission__created_at", "evaluation__submission__number"))


def _best(scores: list[Score], *, higher_is_better: bool) -> tuple[float | None, datetime | None]:
    """The best value and when it was handed in; the earlier one among equals."""
    if not scores:
        return None, None
    best = (max if higher_is_better else min)(scores, key=lambda score: score.value)
    return best.value, best.evaluation.submission.created_at


def _run(score: Score, *, by_class: bool) -> Run:
    """One submission's public scores; those of classes are read only where a criterion asks for them."""
    insight = score.evaluation.insight if by_class else None
    classes = insight.hidden.get("public", []) if insight else []
    return Run(value=score.value, metrics=score.metrics, classes=classes)


def submission_scored(submission: Submission) -> None:
    """A submission was scored: see how far it has brought its team."""
    if not submission.rehearsal:
        keep_attainment(submission.challenge, submission.team)
