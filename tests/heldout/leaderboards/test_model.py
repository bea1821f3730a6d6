"""The board against a slow and obvious model of its rules, over random histories.

`HELDOUT_HISTORIES` says how many go through rules and through the database: 10,000 on demand, fewer by
default. They are the same each time, so that SQLite and PostgreSQL, which both equal the model, equal each
other.
"""

import os
import random
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heldout.accounts.models import User
from heldout.catalog.models import Challenge
from heldout.leaderboards import actions, ending
from heldout.leaderboards.freezing import Sight, State
from heldout.leaderboards.places import Run, best_places
from heldout.leaderboards.queries import board, contents
from heldout.leaderboards.rules import Entry, rank, rules_of
from heldout.submissions.models import Attempt, AttemptState, Evaluation, Score, Submission, SubmissionState
from heldout.teams.models import Team
from tests.heldout.factories import make_organizer, make_participant, make_team
from tests.heldout.handing_in import evaluation_for, inspected, make_challenge, put_to_work, split_score

HISTORIES = int(os.environ.get("HELDOUT_HISTORIES", "0"))
RULES, DATABASE = HISTORIES or 500, HISTORIES or 60
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Scored:
    """One scored submission: of whom, how good, how wide its interval is, when handed in and scored."""

    team: int
    score: float
    width: float
    handed_in: int
    known: int


def history(draw: random.Random) -> list[Scored]:
    """A few teams, few scores, so that there are ties of every kind."""
    return [
        Scored(
            draw.randrange(5), draw.choice([0.2, 0.5, 0.55, 0.6, 0.9]), draw.choice([0.0, 0.03, 0.2]),
            minute, minute + draw.randrange(8),
        )
        for minute in range(draw.randrange(14))
    ]  # fmt: skip


def told_in_order(found: list[tuple[int, float, float, int]]) -> list[Scored]:
    """Facts in the order of handing in, each known some minutes later."""
    return [
        Scored(team, score, width, minute, minute + delay)
        for minute, (team, score, width, delay) in enumerate(found)
    ]


HISTORY = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from([0.2, 0.5, 0.55, 0.6, 0.9]),
        st.sampled_from([0.0, 0.03, 0.2]),
        st.integers(0, 7),
    ),
    max_size=13,
).map(told_in_order)


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


@settings(max_examples=RULES, derandomize=True, deadline=None)
@given(told=HISTORY, until=st.sampled_from([None, 4, 9]), higher=st.booleans())
def test_rules_agree_with_the_model(told: list[Scored], until: int | None, higher: bool) -> None:
    assert by_rules(told, until, higher) == obvious(told, until, higher)


@dataclass(frozen=True)
class Field:
    """A challenge with five teams, whoever hands in, and who freezes the board."""

    challenge: Challenge
    teams: list[Team]
    author: User
    organizer: User
    blob: str


@pytest.fixture(params=["macro_f1", "log_loss"])
def field(request: pytest.FixtureRequest, db: None) -> Field:
    """A metric that is better high, and one that is better low."""
    challenge = make_challenge(metric=request.param, quota_per_day=1000)
    event = challenge.event
    teams = [make_team(event) for _ in range(5)]
    blob = inspected(challenge, teams[0]).blob_id
    return Field(challenge, teams, make_participant(event), make_organizer(event), blob)


@settings(
    max_examples=DATABASE // 2,
    derandomize=True,
    deadline=None,
    # Each example is rolled back.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(told=HISTORY, until=st.sampled_from([4, 9]))
def test_boards_made_anew_agree_with_the_model(field: Field, told: list[Scored], until: int) -> None:
    higher = field.challenge.bundle.manifest.task.higher_is_better
    start = timezone.now() - timedelta(hours=1)
    with transaction.atomic():
        write_down(field, told, start)
        ending.freeze(field.challenge.event, field.organizer, start + timedelta(minutes=until))
        assert read(field, "live") == obvious(told, None, higher)
        assert read(field, "frozen") == obvious(told, until, higher)
        transaction.set_rollback(True)


def write_down(field: Field, told: list[Scored], start: datetime) -> None:
    """The history as rows, with no road to go."""
    submissions = [
        Submission(
            id=uuid.uuid4(), number=number, challenge=field.challenge, team=field.teams[one.team],
            author=field.author, blob_id=field.blob, file_name="m.onnx", format="onnx",
            state=SubmissionState.SCORED,
        )
        for number, one in enumerate(told, start=2)
    ]  # fmt: skip
    attempts = [Attempt(submission=made, job="scoring", state=AttemptState.DONE) for made in submissions]
    runs = [
        Evaluation(attempt=attempt, submission=attempt.submission, bundle="a" * 64, engine="1", worker="w")
        for attempt in attempts
    ]
    scores = [
        Score(
            evaluation=run, split="public", value=one.score, low=one.score - one.width,
            high=one.score + one.width, count=500,
        )
        for run, one in zip(runs, told, strict=True)
    ]  # fmt: skip
    Submission.objects.bulk_create(submissions)
    Attempt.objects.bulk_create(attempts)
    Evaluation.objects.bulk_create(runs)
    Score.objects.bulk_create(scores)
    # A new row gets the moment at which it is made, so that the moments are put in afterwards.
    for made, run, one in zip(submissions, runs, told, strict=True):
        made.created_at = start + timedelta(minutes=one.handed_in)
        run.created_at = start + timedelta(minutes=one.known)
    Submission.objects.bulk_update(submissions, ["created_at"])
    Evaluation.objects.bulk_update(runs, ["created_at"])


def read(field: Field, state: State) -> list[tuple[int | None, int]]:
    """(rank, team) as everybody with that sight is shown them."""
    fresh = Challenge.objects.select_related("event", "bundle", "preparation").get(pk=field.challenge.pk)
    rules, places = rules_of(fresh.event), [team.pk for team in field.teams]
    rows = contents(fresh, Sight(rules, state, rules.freezes_at)).rows
    return [(row.rank, places.index(row.team_id)) for row in rows if row.team_id is not None]


def store(challenge: Challenge, teams: list[int], told: list[Scored], start: datetime) -> None:
    """The history as workers would have told it, in the order in which it became known."""
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
def test_scores_as_workers_tell_them_agree_with_the_model(seed: int) -> None:
    told, higher = history(random.Random(seed)), seed % 2 == 0  # noqa: S311
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
