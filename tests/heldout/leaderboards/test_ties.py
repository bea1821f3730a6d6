"""Teams that are not significantly different from the best of their band share its rank."""

import base64
import math
import random
import struct
import zlib

import pytest

from heldout.catalog.models import Challenge
from heldout.leaderboards import actions, comparing, ties
from heldout.leaderboards.models import Comparison
from heldout.leaderboards.queries import board
from heldout.leaderboards.rules import Entry, rank
from heldout.submissions.models import Outcomes
from heldout.teams.models import Team
from scoring import job
from tests.heldout.factories import make_participant, make_team
from tests.heldout.handing_in import evaluation_for, inspected, make_challenge, put_to_work
from tests.heldout.leaderboards.test_rules import entry


def answers(right: int, count: int = 500, *, seed: int = 1) -> list[float]:
    """Right and wrong answers in an order of their own."""
    values = [1.0] * right + [0.0] * (count - right)
    random.Random(seed).shuffle(values)  # noqa: S311
    return values


def packed(values: list[float]) -> str:
    return base64.b64encode(zlib.compress(struct.pack(f"<{len(values)}f", *values))).decode()


def test_answers_come_back_as_they_were_packed() -> None:
    assert ties.unpack(Outcomes(count=3, values=packed([1, 0, 1]))) == [1, 0, 1]


@pytest.mark.parametrize("values", ["", "AAAA", "no base64", packed([1, 0])])
def test_what_is_no_outcome_of_each_example_is_none(values: str) -> None:
    assert ties.unpack(Outcomes(count=3, values=values)) is None


def test_the_same_answers_do_not_differ() -> None:
    assert ties.differ(answers(400), answers(400)) is False


def test_a_large_difference_is_one_and_a_small_one_is_not() -> None:
    assert ties.differ(answers(450), answers(300, seed=2)) is True
    assert ties.differ(answers(400), answers(396, seed=2)) is False


def test_pairing_finds_what_intervals_would_not() -> None:
    """Twelve more right answers among the same ones: the intervals overlap widely."""
    ours = [1.0] * 412 + [0.0] * 88
    theirs = [1.0] * 400 + [0.0] * 100
    assert ties.differ(ours, theirs) is True


def test_examples_that_one_of_them_is_not_scored_on_are_left_out() -> None:
    ours = [*answers(450), math.nan]
    assert ties.differ(ours, [*answers(300, seed=2), 1.0]) is True
    assert ties.differ(ours, answers(300)) is None
    assert ties.differ([math.nan] * 3, [1.0] * 3) is None


def test_the_interval_is_the_bootstraps_and_repeats() -> None:
    """Beside the normal interval of a mean, which it comes near with so many examples."""
    values = answers(350)
    low, high = ties.interval(values)
    error = 1.96 * math.sqrt(0.7 * 0.3 / 500)
    assert low == pytest.approx(0.7 - error, abs=0.006)
    assert high == pytest.approx(0.7 + error, abs=0.006)
    assert ties.interval(values) == (low, high)


@pytest.mark.parametrize("worse", [*range(2, 30, 3)])
def test_where_it_is_not_drawn_the_bootstrap_would_say_the_same(worse: int) -> None:
    ours, theirs = answers(400), answers(400 - worse, seed=3)
    low, high = ties.interval([a - b for a, b in zip(ours, theirs, strict=True)])
    assert ties.differ(ours, theirs) is not (low <= 0 <= high)


def test_a_band_is_anchored_at_its_best() -> None:
    """1 ties with 2 and 2 with 3, but 3 is worse than 1: so it begins the next band."""
    pairs = {(1, 2), (2, 3), (3, 4)}
    ranked = rank(
        [entry(1, 0.9), entry(2, 0.8), entry(3, 0.7), entry(4, 0.6)],
        higher_is_better=True,
        tied=lambda best, other: (best, other) in pairs,
    )
    assert [(each.rank, each.entry.team, each.tied) for each in ranked] == [
        (1, 1, True),
        (1, 2, True),
        (3, 3, True),
        (3, 4, True),
    ]


@pytest.mark.parametrize(
    ("order", "expected"), [("earlier", [2, 3, 1]), ("cheaper", [1, 3, 2]), ("signed_off", [3, 2, 1])]
)
def test_within_a_band_the_events_rule_decides(order: str, expected: list[int]) -> None:
    def team(number: int, minutes: int, cost: float | None, signed: int) -> Entry:
        made = entry(number, 0.9 - number / 100, minutes)
        return Entry(made.team, made.score, made.achieved_at, cost, signed)

    entries = [team(1, 9, 5.0, 0), team(2, 1, None, 1), team(3, 2, 7.0, 2)]
    ranked = rank(entries, higher_is_better=True, tied=lambda *_: True, order=order)  # type: ignore[arg-type]
    assert [each.entry.team for each in ranked] == expected


@pytest.fixture
def challenge(transactional_db: None) -> Challenge:
    return make_challenge(quota_per_day=100)


def judged(challenge: Challenge, team: Team, values: list[float], width: float = 0.03) -> None:
    made = inspected(challenge, team)
    put_to_work(made)
    mean = sum(values) / len(values)
    score = job.SplitScore(
        split="public", value=mean, low=mean - width, high=mean + width, count=len(values), metrics={}
    )
    found = job.Outcomes(split="public", count=len(values), values=packed(values))
    actions.record_evaluation(evaluation_for(made, scores=[score], outcomes=[found]))


def ranks(challenge: Challenge) -> list[tuple[int | None, str, bool]]:
    rows = board(challenge, make_participant(challenge.event)).rows
    return [(row.rank, row.name, row.tied) for row in rows]


def test_a_board_compares_example_by_example(challenge: Challenge) -> None:
    """B's interval overlaps A's, and yet it is worse on the same examples."""
    for name, right in (("A", 412), ("B", 400), ("C", 399)):
        judged(challenge, make_team(challenge.event, name), [1.0] * right + [0.0] * (500 - right))
    comparing.compare_again(challenge)
    assert ranks(challenge) == [(1, "A", False), (2, "B", True), (2, "C", True)]
    assert set(Comparison.objects.values_list("by", flat=True)) == {"bootstrap"}


def test_until_they_are_compared_intervals_answer_and_nothing_is_worked_out(challenge: Challenge) -> None:
    for name, right in (("A", 412), ("B", 400)):
        judged(challenge, make_team(challenge.event, name), [1.0] * right + [0.0] * (500 - right))
    assert ranks(challenge) == [(1, "A", True), (1, "B", True)]
    assert not Comparison.objects.exists()


def test_a_pair_is_compared_once(challenge: Challenge, monkeypatch: pytest.MonkeyPatch) -> None:
    for right in (412, 400):
        judged(challenge, make_team(challenge.event), [1.0] * right + [0.0] * (500 - right))
    comparing.compare_again(challenge)
    monkeypatch.setattr(ties, "differ", lambda *_: pytest.fail("compared again"))
    comparing.compare_again(challenge)


def test_a_metric_that_is_no_mean_falls_back_on_intervals(transactional_db: None) -> None:
    challenge = make_challenge(metric="macro_f1", quota_per_day=100)
    for name, right in (("A", 412), ("B", 400), ("C", 300)):
        judged(challenge, make_team(challenge.event, name), [1.0] * right + [0.0] * (500 - right))
    comparing.compare_again(challenge)
    assert ranks(challenge) == [(1, "A", True), (1, "B", True), (3, "C", False)]
    assert not Comparison.objects.exists()
