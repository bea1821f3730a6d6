"""Boards as pages and the API show them: public scores only, and the same for everybody but `is_mine`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from challenges.manifest import Manifest
from heldout.catalog.models import BaselineScore, Challenge
from heldout.catalog.queries import baselines
from heldout.events.rules import Viewer
from heldout.leaderboards.models import FrozenStanding, Place, Standing
from heldout.leaderboards.rules import (
    Entry,
    axis,
    digits,
    is_frozen,
    passes,
    rank,
    rules_of,
    score_text,
    sees_frozen,
)
from heldout.submissions.models import Evaluation
from heldout.teams.models import Team
from heldout.teams.queries import team_of


@dataclass(frozen=True)
class BoardRow:
    """A team or a baseline on a board. Numbers are rounded to what the score's interval supports."""

    rank: int | None
    name: str
    is_baseline: bool
    strength: str
    team_id: int | None
    is_mine: bool
    score: float
    low: float
    high: float
    score_text: str
    macs: int | None
    milliseconds: float | None
    milliseconds_alone: float | None
    relative_latency: float | None
    resolution: list[int] | None
    submissions: int
    achieved_at: datetime | None
    passed: bool


@dataclass(frozen=True)
class BoardView:
    """A challenge's board, baselines among the teams, best first."""

    challenge: Challenge
    metric_label: str
    higher_is_better: bool
    rows: list[BoardRow]
    pass_score: float
    axis: tuple[float, float]
    teams: int
    updated_at: datetime | None
    frozen_since: datetime | None
    """From when on others see it as it stood; None while it moves for all."""
    is_live: bool
    """Whether these rows are as of now: for all but organizers they are not, while the board is frozen."""
    final_rule: str
    """What counts in the end, in words."""


def board(challenge: Challenge, viewer: Viewer) -> BoardView:
    """The board as `viewer` sees it, in a constant number of queries."""
    manifest = challenge.bundle.manifest
    higher = manifest.task.higher_is_better
    rules, now = rules_of(challenge.event), timezone.now()
    frozen = sees_frozen(viewer, rules, now)
    standings = _standings(challenge, frozen=frozen)
    scored = [*_team_rows(challenge, standings, team_of(viewer, challenge.event)), *_baseline_rows(challenge)]
    scored.sort(key=lambda pair: -pair[0] if higher else pair[0])
    rows = [row for _, row in scored]
    return BoardView(
        challenge=challenge,
        metric_label=manifest.task.metric_label,
        higher_is_better=higher,
        rows=rows,
        pass_score=manifest.pass_score,
        axis=axis([end for row in rows for end in (row.low, row.high)], manifest.pass_score),
        teams=sum(not row.is_baseline for row in rows),
        updated_at=max((standing.achieved_at for standing in standings), default=None),
        frozen_since=rules.freezes_at if is_frozen(rules, now) else None,
        is_live=not frozen,
        final_rule=rules.get_final_display(),
    )


def _standings(challenge: Challenge, *, frozen: bool) -> list[Place]:
    model: type[Place] = FrozenStanding if frozen else Standing
    return list(model._default_manager.filter(challenge=challenge).select_related("team"))


ScoredRow = tuple[float, BoardRow]
"""A row with its exact score, by which rows are put in order."""


def _team_rows(challenge: Challenge, standings: list[Place], mine: Team | None) -> Iterator[ScoredRow]:
    manifest = challenge.bundle.manifest
    higher = manifest.task.higher_is_better
    by_team = {standing.team_id: standing for standing in standings}
    costs = _costs([standing.submission_id for standing in standings])
    entries = [Entry(s.team_id, s.score, s.achieved_at) for s in standings]
    for ranked in rank(entries, higher_is_better=higher):
        standing = by_team[ranked.entry.team]
        cost = costs.get(standing.submission_id)
        yield (
            standing.score,
            BoardRow(
                rank=ranked.rank,
                name=standing.team.name,
                is_baseline=False,
                strength="",
                team_id=standing.team_id,
                is_mine=mine is not None and mine.pk == standing.team_id,
                submissions=standing.scored_count,
                achieved_at=standing.achieved_at,
                passed=passes(standing.score, manifest.pass_score, higher_is_better=higher),
                **_shown(standing, manifest),
                **_cost(cost),
            ),
        )


def _baseline_rows(challenge: Challenge) -> Iterator[ScoredRow]:
    manifest = challenge.bundle.manifest
    higher = manifest.task.higher_is_better
    for baseline in baselines(challenge):
        yield (
            baseline.score,
            BoardRow(
                rank=None,
                name=baseline.name,
                is_baseline=True,
                strength=baseline.strength,
                team_id=None,
                is_mine=False,
                submissions=0,
                achieved_at=None,
                passed=passes(baseline.score, manifest.pass_score, higher_is_better=higher),
                **_shown(baseline, manifest),
                **_cost(baseline.cost_json),
            ),
        )


def _shown(scored: Place | BaselineScore, manifest: Manifest) -> dict[str, Any]:
    """A score and its interval, with the decimals that the interval supports."""
    decimals = digits(scored.low, scored.high)
    return {
        "score": round(scored.score, decimals),
        "low": round(scored.low, decimals),
        "high": round(scored.high, decimals),
        "score_text": score_text(
            scored.score,
            scored.low,
            scored.high,
            manifest.pass_score,
            higher_is_better=manifest.task.higher_is_better,
        ),
    }


def _cost(cost: dict[str, Any] | None) -> dict[str, Any]:
    """What a model costs, as a board says it: where a format cannot tell, None."""
    known = cost or {}
    return {
        "macs": known.get("macs"),
        "milliseconds": known.get("milliseconds_per_example"),
        "milliseconds_alone": known.get("milliseconds_alone"),
        "relative_latency": known.get("relative_latency"),
        "resolution": known.get("resolution"),
    }


def _costs(submissions: list[UUID]) -> dict[UUID, dict[str, Any]]:
    """What the submissions on the board cost."""
    measured = Evaluation.objects.filter(submission__in=submissions, current=True, cost_json__isnull=False)
    return {submission: cost or {} for submission, cost in measured.values_list("submission", "cost_json")}
