"""Points: for passing first of all, and a little for rank and for growth."""

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from heldout.leaderboards import ending
from heldout.leaderboards.formula import Result, explained, growth, points
from heldout.leaderboards.points import points_board
from heldout.leaderboards.simulated import preview
from tests.heldout.factories import make_organizer, make_team
from tests.heldout.handing_in import make_challenge, member_of, scored

results = st.builds(
    Result, st.integers(0, 500), st.booleans(), st.integers(1, 10), st.just(10), st.floats(0, 1)
)


@given(results, st.integers(0, 100), st.integers(0, 100))
def test_the_parts_that_are_explained_are_the_points(result: Result, rank: int, grow: int) -> None:
    parts = explained(result, rank, grow)
    assert sum(int(part.split()[0]) for part in parts) == points(result, rank, grow)


@given(results)
def test_without_a_bonus_only_passing_counts(result: Result) -> None:
    assert points(result, 0, 0) == (result.worth if result.passed else 0)


def test_a_bonus_never_lets_who_has_not_passed_overtake_by_rank() -> None:
    assert points(Result(100, False, 1, 10, 0.0), 50, 0) == 0


@pytest.mark.parametrize(
    ("first", "best", "line", "expected"),
    [
        (0.5, 0.5, 0.8, 0.0), (0.5, 0.65, 0.8, 0.5), (0.5, 0.9, 0.8, 1.0), (0.8, 0.95, 0.8, 0.0),
        (0.9, 0.95, 0.8, 0.0), (3.0, 2.0, 1.0, 0.5), (3.0, 0.5, 1.0, 1.0), (0.9, 0.5, 1.0, 0.0),
    ],
)  # fmt: skip
def test_growth_is_the_share_of_the_way_to_the_line(
    first: float, best: float, line: float, expected: float
) -> None:
    assert growth(first, best, line) == pytest.approx(expected)


def test_the_preview_says_what_simulated_teams_would_get() -> None:
    assert [(team.name, team.points) for team in preview(20, 10)] == [
        ("Fast", 120),
        ("Steady", 122),
        ("Late", 112),
        ("Learner", 5),
    ]


@pytest.mark.django_db(transaction=True)
def test_the_event_board_adds_them_up_explains_them_and_gives_awards() -> None:
    challenge = make_challenge(title="Into the deep", quota_per_day=100)
    early, late = make_team(challenge.event, "Early"), make_team(challenge.event, "Late")
    scored(challenge, early, 0.95)
    scored(challenge, late, 0.4)
    scored(challenge, late, 0.85)
    ending.change_rules(challenge.event, make_organizer(challenge.event), rank_bonus=20, growth_bonus=10)
    board = points_board(challenge.event, member_of(late), timezone.now())
    assert [(row.team.name, row.total.points if row.total else 0) for row in board.rows] == [
        ("Early", 120),
        ("Late", 120),
    ]
    [(title, why)] = board.rows[1].why
    assert title == "Into the deep"
    assert why.startswith("100 for passing, 10 for rank 2 of 2, 10 for 100 % of the way")
    assert [(award.title, award.team.name) for award in board.awards] == [
        ("First to pass", "Early"),
        ("Most improved", "Late"),
    ]
