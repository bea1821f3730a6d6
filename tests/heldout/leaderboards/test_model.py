"""The board against a slow and obvious model of its rules, over random histories.

`HELDOUT_HISTORIES` says how many go through rules alone: 10,000 on demand, fewer by default. The same seeds
go through the database whichever it is, so that SQLite and PostgreSQL must both equal the model.
"""

import os
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from heldout.catalog.models import Challenge
from heldout.leaderboards import actions, ending
from heldout.leaderboards.places import Run, best_places
from heldout.leaderboards.queries import board
from heldout.leaderboards.rules import Entry, rank
from heldout.submissions.models import Evaluation, Submission
from tests.heldout.factories import make_organizer, make_participant, make_team
from tests.heldout.handing_in import evaluation_for, inspected, make_challenge, put_to_work, split_score

HISTORIES = int(os.environ.get("HELDOUT_HISTORIES", "1000"))
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Scored:
    """One scored submission: of whom, how good, how wide its interval is, when handed in and scored."""

    team: int
    score: float
    width: float
    handed_in: int
    known: int


def history(seed: int) -> list[Scored]:
    """A few teams, few scores, so that there are ties of every kind."""
    draw = random.Random(seed)  # noqa: S311
    return [
        Scored(
            draw.randrange(5), draw.choice([0.2, 0.5, 0.55, 0.6, 0.9]), draw.choice([0.0, 0.03, 0.2]),
            minute, minute + draw.randrange(8),
        )
        for minute in range(draw.randrange(14))
    ]  # fmt: skip


def obvious(told: list[Scored], until: int | None, higher: bool) -> list[tuple[int, int]]:
    """(rank, team) by the rules as they are written down, with no thought of speed."""
    known = [one for one in told if until is None or one.known < until]
    best: list[Scored] = []
    for team in range(5):
        own = [one for one in known if one.team == team]
        for one in own:
            beaten = [
                other for other in own
                if (other.score > one.score if higher else other.score < one.score)
                or (other.score == one.score and other.handed_in < one.handed_in)
            ]  # fmt: skip
            if not beaten:
                best.append(one)
    rows: list[tuple[int, int]] = []
    while best:
        top = max(one.score for one in best) if higher else min(one.score for one in best)
        leader = min((one for one in best if one.score == top), key=lambda one: one.handed_in)
        down = sorted(best, key=lambda one: (-one.score if higher else one.score, one.handed_in))
        band = []
        for one in down:
            if not (one.score == leader.score or overlap(leader, one)):
                break
            band.append(one)
        place = len(rows) + 1
        rows += [(place, one.team) for one in sorted(band, key=lambda one: one.handed_in)]
        best = [one for one in best if one not in band]
    return rows


def overlap(one: Scored, other: Scored) -> bool:
    """Whether the intervals share a point."""
    below = one.score - one.width <= other.score + other.width
    return below and other.score - other.width <= one.score + one.width


def by_rules(told: list[Scored], until: int | None, higher: bool) -> list[tuple[int, int]]:
    """The same by the functions that the site uses."""
    runs = [
        Run(
            one.team, UUID(int=number), number, number, NOON + timedelta(minutes=one.handed_in),
            one.score, one.score - one.width, one.score + one.width,
        )
        for number, one in enumerate(told)
        if until is None or one.known < until
    ]  # fmt: skip
    places = best_places(runs, higher_is_better=higher)

    def tied(best: int, other: int) -> bool:
        ours, theirs = places[best].run, places[other].run
        return ours.low <= theirs.high and theirs.low <= ours.high

    entries = [Entry(team, place.run.score, place.run.at) for team, place in places.items()]
    ranked = rank(entries, higher_is_better=higher, tied=tied)
    return [(one.rank, one.entry.team) for one in ranked]


def test_rules_agree_with_the_model() -> None:
    for seed in range(HISTORIES):
        told, until, higher = history(seed), random.Random(~seed).choice([None, 4, 9]), seed % 2 == 0  # noqa: S311
        expected = obvious(told, until, higher)
        assert by_rules(told, until, higher) == expected, seed


def store(challenge: Challenge, teams: list[int], told: list[Scored], start: datetime) -> None:
    """The history as workers would have told it, in the order in which it became known."""
    from heldout.teams.models import Team

    handed_in: list[tuple[int, int, Submission, Scored]] = []
    for one in told:
        made = inspected(challenge, Team.objects.get(pk=teams[one.team]))
        Submission.objects.filter(pk=made.pk).update(created_at=start + timedelta(minutes=one.handed_in))
        handed_in.append((one.known, len(handed_in), made, one))
    for _, _, made, one in sorted(handed_in, key=lambda each: each[:2]):
        put_to_work(made)
        scores = [split_score("public", one.score, one.width)]
        actions.record_evaluation(evaluation_for(made, scores=scores, outcomes=[]))
        Evaluation.objects.filter(submission=made).update(created_at=start + timedelta(minutes=one.known))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.django_db(transaction=True)
def test_the_database_agrees_with_the_model(seed: int) -> None:
    told, higher = history(seed), seed % 2 == 0
    challenge = make_challenge(metric="macro_f1" if higher else "log_loss", quota_per_day=1000)
    teams = [make_team(challenge.event).pk for _ in range(5)]
    start = timezone.now() - timedelta(hours=1)
    store(challenge, teams, told, start)
    viewer, organizer = make_participant(challenge.event), make_organizer(challenge.event)

    def shown(who: object) -> list[tuple[int | None, int]]:
        rows = board(challenge, who).rows  # type: ignore[arg-type]
        return [(row.rank, teams.index(row.team_id)) for row in rows if row.team_id is not None]

    assert shown(viewer) == obvious(told, None, higher)
    ending.freeze(challenge.event, organizer, start + timedelta(minutes=6))
    assert shown(viewer) == obvious(told, 6, higher)
    assert shown(organizer) == obvious(told, None, higher)
    standings = list(challenge.standings.order_by("pk").values())
    assert actions.rebuild_standings(challenge.event) == 0
    assert list(challenge.standings.order_by("pk").values()) == standings
