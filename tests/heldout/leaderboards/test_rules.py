"""Ranks, digits, axes: pure questions."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heldout.events.models import RoleName
from heldout.leaderboards.rules import Entry, axis, digits, passes, rank, score_text, visible_splits

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def entry(team: int, score: float, minutes: int = 0) -> Entry:
    return Entry(team, score, NOON + timedelta(minutes=minutes))


def ranks(*entries: Entry, higher: bool = True) -> list[tuple[int, int]]:
    return [(ranked.rank, ranked.entry.team) for ranked in rank(entries, higher_is_better=higher)]


def test_equal_scores_share_a_rank_and_the_next_is_left_out() -> None:
    assert ranks(entry(1, 0.7), entry(2, 0.8), entry(3, 0.8), entry(4, 0.9)) == [
        (1, 4),
        (2, 2),
        (2, 3),
        (4, 1),
    ]


def test_among_equals_the_earlier_comes_first() -> None:
    assert ranks(entry(1, 0.8, minutes=9), entry(2, 0.8, minutes=3)) == [(1, 2), (1, 1)]


def test_a_small_loss_comes_before_a_large_one() -> None:
    assert ranks(entry(1, 0.7), entry(2, 0.2), higher=False) == [(1, 2), (2, 1)]


@pytest.mark.parametrize("higher", [True, False])
@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_has_no_place(higher: bool, broken: float) -> None:
    assert ranks(entry(1, broken), entry(2, 0.1), higher=higher) == [(1, 2)]


scores = st.lists(st.sampled_from([0.1, 0.2, 0.2, 0.5, math.nan]), max_size=12)


@given(scores, st.booleans(), st.randoms())
def test_a_rank_counts_those_who_are_better(values: list[float], higher: bool, random: object) -> None:
    entries = [entry(team, score) for team, score in enumerate(values)]
    ranked = rank(entries, higher_is_better=higher)
    finite = [score for score in values if math.isfinite(score)]
    for place in ranked:
        better = [s for s in finite if (s > place.entry.score if higher else s < place.entry.score)]
        assert place.rank == len(better) + 1
    random.shuffle(entries)  # type: ignore[attr-defined]
    assert rank(entries, higher_is_better=higher) == ranked


@pytest.mark.parametrize(
    ("low", "high", "decimals"),
    [
        (0.852, 0.894, 2),
        (0.870, 0.878, 3),
        (0.2, 0.9, 2),
        (0.87312, 0.87318, 5),
        (1.0, 1.0, 4),
        (11.9, 12.8, 1),
        (44_000.0, 46_500.0, 0),
        (1.05, 1.09, 2),
        (-0.4, 0.2, 2),
        (0.0000031, 0.0000043, 7),
    ],
)
def test_decimals_follow_the_interval(low: float, high: float, decimals: int) -> None:
    assert digits(low, high) == decimals


def test_a_score_is_said_with_the_decimals_that_it_supports() -> None:
    assert score_text(0.8731, 0.852, 0.894, 0.7) == "0.87"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.6996, "0.6996"), (0.697, "0.697"), (0.7, "0.70"), (0.7004, "0.70"), (0.694, "0.69")],
)
def test_rounding_puts_no_score_across_the_pass_line(value: float, shown: str) -> None:
    assert score_text(value, value - 0.03, value + 0.03, 0.7) == shown


def test_an_error_is_not_rounded_below_the_pass_line_that_it_misses() -> None:
    assert score_text(12.04, 11.6, 12.5, 12.0) == "12.0"
    assert score_text(12.04, 11.6, 12.5, 12.0, higher_is_better=False) == "12.04"


def test_the_pass_score_itself_passes() -> None:
    assert passes(0.8, 0.8, higher_is_better=True)
    assert passes(0.8, 0.8, higher_is_better=False)
    assert not passes(0.81, 0.8, higher_is_better=False)
    assert not passes(math.nan, 0.8, higher_is_better=True)


def test_the_axis_holds_all_values_and_the_pass_line() -> None:
    assert axis([0.2, 0.7, math.nan], 0.5) == pytest.approx((0.175, 0.725))
    assert axis([0.2, 0.7], 1.2) == pytest.approx((0.15, 1.25))


def test_an_axis_of_nothing_is_around_the_pass_line() -> None:
    for pass_score in (0.0, 12.0, -3.0):
        low, high = axis([], pass_score)
        assert low < pass_score < high


def test_one_error_that_is_orders_larger_does_not_squeeze_the_others() -> None:
    near = [11.0, 11.5, 12.0, 12.5, 13.0, 13.5]
    low, high = axis([*near, 1e6], 12.0)
    assert low < 11.0
    assert 13.5 < high < 20
    assert axis([*near, 20.0], 12.0)[1] > 20


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (None, set()),
        (RoleName.PARTICIPANT, {"train", "validation", "public"}),
        (RoleName.COACH, {"train", "validation", "public"}),
        (RoleName.ORGANIZER, {"train", "validation", "public", "private"}),
    ],
)
def test_only_organizers_see_the_private_split(role: RoleName | None, seen: set[str]) -> None:
    assert visible_splits(role) == seen
