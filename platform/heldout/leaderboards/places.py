"""With which submission each team stands: now, and when the board froze."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from heldout.catalog.models import Challenge
from heldout.leaderboards.models import FrozenStanding, Standing
from heldout.submissions.counting import counting_scores
from heldout.submissions.models import Evaluation, Score


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


SUBMISSION = "evaluation__submission"
FACTS = (
    f"{SUBMISSION}__team",
    SUBMISSION,
    f"{SUBMISSION}__number",
    "evaluation",
    f"{SUBMISSION}__created_at",
    "value",
    "low",
    "high",
)
"""Where the fields of a run are."""


def runs_of(scores: "QuerySet[Score]") -> list[Run]:
    """The scores as plain facts, in one query."""
    return [Run(*row) for row in scores.values_list(*FACTS)]


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


def standing_places(challenge: Challenge, *, frozen: bool = False) -> dict[int, Place]:
    """Where teams stand now, or stood at the freeze: the kept rows, with the run of each."""
    model: type[Standing] | type[FrozenStanding] = FrozenStanding if frozen else Standing
    standings = model._default_manager.filter(challenge=challenge)
    newest = newest_runs(standings.values("submission"))
    return {
        s.team_id: Place(
            Run(
                s.team_id, s.submission_id, 0, newest.get(s.submission_id, 0),
                s.achieved_at, s.score, s.low, s.high,
            ),
            s.scored_count,
        )
        for s in standings
    }  # fmt: skip


def newest_runs(submissions: "QuerySet[Any, Any]") -> dict[UUID, int]:
    """The newest scored evaluation of each of these submissions."""
    scored = Evaluation.objects.filter(submission__in=submissions, current=True, scores__split="public")
    return dict(scored.order_by("created_at", "pk").values_list("submission", "pk"))


def public_runs(challenge: Challenge, before: datetime | None) -> list[Run]:
    """Each public score that counts, as far as it was known `before` that moment."""
    return runs_of(_public(challenge, before))


def public_runs_told(challenge: Challenge, before: datetime | None) -> list[tuple[datetime, Run]]:
    """As `public_runs`, each with the moment from which on it was known, in that order."""
    rows = _public(challenge, before).values_list("evaluation__created_at", *FACTS)
    return sorted(
        ((known, Run(*facts)) for known, *facts in rows), key=lambda each: (each[0], each[1].number)
    )


def _public(challenge: Challenge, before: datetime | None) -> "QuerySet[Score]":
    scores = counting_scores(challenge, "public")
    return scores if before is None else scores.filter(evaluation__created_at__lt=before)
