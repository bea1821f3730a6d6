"""With which submission each team stands: now, when the board froze, and in the end."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from heldout.catalog.models import Challenge
from heldout.leaderboards.actions import counting_scores
from heldout.leaderboards.models import BoardRules, FinalBy, FinalChoice
from heldout.submissions.models import Score


@dataclass(frozen=True)
class Run:
    """One score that counts."""

    team: int
    submission: UUID
    number: int
    evaluation: int
    at: datetime
    score: float
    low: float
    high: float


@dataclass(frozen=True)
class Place:
    """The run that a team stands with, and how many it has."""

    run: Run
    count: int


def runs_of(scores: "QuerySet[Score]") -> list[Run]:
    """The scores as plain facts, in one query."""
    submission = "evaluation__submission"
    fields = (f"{submission}__team", submission, f"{submission}__number", "evaluation")
    rows = scores.values_list(*fields, f"{submission}__created_at", "value", "low", "high")
    return [Run(*row) for row in rows]


def best_places(runs: Iterable[Run], *, higher_is_better: bool) -> dict[int, Place]:
    """Each team's best finite run; among equals the one that was handed in first."""
    sign = -1 if higher_is_better else 1
    counts: dict[int, int] = {}
    best: dict[int, Run] = {}
    for run in sorted(runs, key=lambda run: (sign * run.score, run.at, run.number)):
        counts[run.team] = counts.get(run.team, 0) + 1
        if math.isfinite(run.score):
            best.setdefault(run.team, run)
    return {team: Place(run, counts[team]) for team, run in best.items()}


def public_places(challenge: Challenge, before: datetime | None = None) -> dict[int, Place]:
    """Where teams stand on the public split, by what was handed in `before` that moment."""
    scores = counting_scores(challenge, "public")
    if before is not None:
        scores = scores.filter(evaluation__submission__created_at__lt=before)
    return best_places(runs_of(scores), higher_is_better=_higher(challenge))


def final_places(challenge: Challenge, rules: BoardRules) -> dict[int, Place]:
    """Where teams stand on the private split, with the submission that the event's rule selects.

    Only who is allowed to see private scores may be given the answer.
    """
    higher = _higher(challenge)
    public = runs_of(counting_scores(challenge, "public"))
    private = runs_of(counting_scores(challenge, "private"))
    if rules.final_by == FinalBy.BEST_PRIVATE:
        return best_places(private, higher_is_better=higher)
    wanted = {place.run.submission for place in best_places(public, higher_is_better=higher).values()}
    if rules.final_by == FinalBy.CHOSEN:
        wanted = _chosen(challenge, public, wanted)
    selected = best_places((run for run in private if run.submission in wanted), higher_is_better=higher)
    counts = {run.team: 0 for run in private}
    for run in private:
        counts[run.team] += 1
    return {team: Place(place.run, counts[team]) for team, place in selected.items()}


def _chosen(challenge: Challenge, public: list[Run], fallback: set[UUID]) -> set[UUID]:
    """What teams have chosen; for a team that has chosen nothing, its best on the public split."""
    chosen = set(FinalChoice.objects.filter(challenge=challenge).values_list("submission", flat=True))
    team_of = {run.submission: run.team for run in public}
    chose = {team_of[submission] for submission in chosen if submission in team_of}
    return chosen | {submission for submission in fallback if team_of[submission] not in chose}


def _higher(challenge: Challenge) -> bool:
    return challenge.bundle.manifest.task.higher_is_better
