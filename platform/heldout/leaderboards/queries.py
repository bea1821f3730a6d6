"""Boards as pages and the API show them: the same for everybody but `is_mine`.

Only public scores are on them. Private ones are in `leaderboards.final`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, cast
from uuid import UUID

from challenges.manifest import Manifest, Split
from heldout.catalog.models import Challenge, SignOff
from heldout.catalog.queries import baselines
from heldout.events.rules import Viewer
from heldout.leaderboards import shelf
from heldout.leaderboards.comparing import tie_text, tied_by
from heldout.leaderboards.freezing import Sight, sight
from heldout.leaderboards.models import Standing, TieOrder
from heldout.leaderboards.places import Place, standing_places
from heldout.leaderboards.rules import (
    Entry,
    Order,
    Ranked,
    axis,
    digits,
    passes,
    rank,
    score_text,
)
from heldout.submissions.models import Evaluation
from heldout.teams.models import Team
from heldout.teams.queries import team_of


@dataclass(frozen=True)
class BoardRow:
    """A team or a baseline on a board. Numbers are rounded to what the score's interval supports.

    `tied`: other teams share the rank, being not significantly different from the best of them.
    """

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
    tied: bool = False


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
    frozen_since: datetime | None = None
    """From when on others see it as it stood; None while it moves for all."""
    is_live: bool = True
    """Whether these rows are as of now: for all but organizers they are not, while the board is frozen."""
    final_rule: str = ""
    """What counts in the end, in words."""
    tie_text: str = ""
    order_text: str = ""


def board(challenge: Challenge, viewer: Viewer, *, as_others: bool = False) -> BoardView:
    """The board as `viewer` sees it; an organizer may ask for what others see of a frozen one."""
    view = kept_contents(challenge, sight(challenge, viewer, as_others=as_others))
    mine = team_of(viewer, challenge.event)
    return marked(view, mine) if mine else view


def marked(view: BoardView, mine: Team) -> BoardView:
    """The board with the row of the reader's team marked."""
    rows = [replace(row, is_mine=True) if row.team_id == mine.pk else row for row in view.rows]
    return replace(view, rows=rows)


def kept_contents(challenge: Challenge, seen: Sight) -> BoardView:
    """As `contents`, made once for each change of the board."""
    edition = shelf.edition(challenge.event.slug, challenge.slug)
    view = shelf.part(
        edition, f"contents:{seen.state}:{seen.frozen_since}", lambda: contents(challenge, seen)
    )
    return replace(view, challenge=challenge)


def contents(challenge: Challenge, seen: Sight) -> BoardView:
    """What everybody with this sight sees of the board."""
    manifest = challenge.bundle.manifest
    places = standing_places(challenge, frozen=seen.state == "frozen")
    teams = list(_team_rows(challenge, places, seen))
    rows = among(teams, list(_baseline_rows(challenge)), higher_is_better=manifest.task.higher_is_better)
    return BoardView(
        challenge=challenge,
        metric_label=manifest.task.metric_label,
        higher_is_better=manifest.task.higher_is_better,
        rows=rows,
        pass_score=manifest.pass_score,
        axis=axis([end for row in rows for end in (row.low, row.high)], manifest.pass_score),
        teams=len(teams),
        updated_at=max((place.run.at for place in places.values()), default=None),
        frozen_since=seen.frozen_since,
        is_live=seen.state == "live",
        final_rule=seen.rules.get_final_display(),
        tie_text=tie_text(manifest),
        order_text=TieOrder(seen.rules.tie_order).label,
    )


ScoredRow = tuple[float, BoardRow]
"""A row with its exact score, by which rows are put in order."""


def among(teams: list[ScoredRow], references: list[ScoredRow], *, higher_is_better: bool) -> list[BoardRow]:
    """Put each baseline behind the last team that is no worse. Teams keep their order.

    Within a band teams are not in order of score, so that merging by score alone would tear it apart.
    """
    sign = -1 if higher_is_better else 1
    rows = list(teams)
    for reference in sorted(references, key=lambda pair: sign * pair[0]):
        at = max(
            (index + 1 for index, row in enumerate(rows) if sign * row[0] <= sign * reference[0]), default=0
        )
        rows.insert(at, reference)
    return [row for _, row in rows]


def ranked_places(
    challenge: Challenge, places: Mapping[int, Place], seen: Sight, *, split: Split = "public"
) -> list[Ranked]:
    """Teams with their places in order, by the event's rules."""
    order = cast(Order, seen.rules.tie_order)
    costs = costs_of(places) if order == "cheaper" else {}
    signed = _sign_offs(challenge) if order == "signed_off" else {}
    entries = [
        Entry(
            team,
            place.run.score,
            place.run.at,
            cost=costs.get(place.run.submission, {}).get("macs"),
            sign_offs=signed.get(team, 0),
        )
        for team, place in places.items()
    ]
    return rank(
        entries,
        higher_is_better=challenge.bundle.manifest.task.higher_is_better,
        tied=tied_by(challenge, places, split, work=split == "private" or seen.state != "live"),
        order=order,
    )


def _sign_offs(challenge: Challenge) -> dict[int, int]:
    counts: dict[int, int] = {}
    for team in SignOff.objects.filter(challenge__event=challenge.event_id).values_list("team", flat=True):
        counts[team] = counts.get(team, 0) + 1
    return counts


def _team_rows(challenge: Challenge, places: Mapping[int, Place], seen: Sight) -> Iterator[ScoredRow]:
    manifest = challenge.bundle.manifest
    higher = manifest.task.higher_is_better
    names = dict(Team.objects.filter(pk__in=places).values_list("pk", "name"))
    costs = costs_of(places)
    for ranked in ranked_places(challenge, places, seen):
        place = places[ranked.entry.team]
        yield (
            place.run.score,
            BoardRow(
                rank=ranked.rank,
                tied=ranked.tied,
                name=names[ranked.entry.team],
                is_baseline=False,
                strength="",
                team_id=ranked.entry.team,
                is_mine=False,
                submissions=place.count,
                achieved_at=place.run.at,
                passed=passes(place.run.score, manifest.pass_score, higher_is_better=higher),
                **shown_score(place.run, manifest),
                **_cost(costs.get(place.run.submission)),
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
                **shown_score(baseline, manifest),
                **_cost(baseline.cost_json),
            ),
        )


class Scored(Protocol):
    """Anything with a score and its interval."""

    @property
    def score(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


def shown_score(scored: Scored, manifest: Manifest) -> dict[str, Any]:
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


def costs_of(places: Mapping[int, Place]) -> dict[UUID, dict[str, Any]]:
    """What the submissions on the board cost."""
    on_board = [place.run.evaluation for place in places.values()]
    measured = Evaluation.objects.filter(pk__in=on_board, cost_json__isnull=False)
    return {submission: cost or {} for submission, cost in measured.values_list("submission", "cost_json")}


def own_live(challenge: Challenge, team: int) -> str | None:
    """The own best score as its team sees it while the board is frozen; None without one."""
    standing = Standing.objects.filter(challenge=challenge, team=team).first()
    text: str | None = shown_score(standing, challenge.bundle.manifest)["score_text"] if standing else None
    return text
