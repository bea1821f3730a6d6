"""The event's board: points for passed challenges."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from heldout.leaderboards.points import Pass, points_board, ranked
from tests.heldout.factories import make_event, make_team
from tests.heldout.handing_in import make_challenge, member_of, scored

NINE = datetime(2026, 11, 25, 9, tzinfo=UTC)


def passed(team: int, points: int, minutes: int, challenge: int = 1) -> Pass:
    return Pass(team, challenge, points, NINE + timedelta(minutes=minutes))


def test_points_of_passed_challenges_add_up() -> None:
    totals = ranked([passed(1, 100, 5), passed(2, 200, 9), passed(1, 150, 7, challenge=2)])
    assert [(total.team, total.rank, total.points) for total in totals] == [(1, 1, 250), (2, 2, 200)]


def test_equal_points_share_a_rank_and_the_earlier_is_listed_first() -> None:
    totals = ranked([passed(1, 100, 9), passed(2, 100, 5), passed(3, 50, 1), passed(4, 200, 20)])
    assert [(total.team, total.rank) for total in totals] == [(4, 1), (2, 2), (1, 2), (3, 4)]


def test_nobody_has_points_before_a_challenge_is_passed() -> None:
    assert ranked([]) == []


@pytest.mark.django_db
def test_the_board_lists_every_team_and_ranks_those_with_points() -> None:
    event = make_event()
    first, second = make_challenge(event), make_challenge(event)
    make_challenge(event, opened=False)
    ours, theirs = make_team(event, "Ours"), make_team(event, "Theirs")
    scored(first, ours, 0.9)
    scored(second, ours, 0.7)
    scored(second, theirs, 0.5)
    board = points_board(event, member_of(theirs), timezone.now())
    assert board.challenges == [first, second]
    rows = [(row.team, row.is_mine, row.total and row.total.points, row.passed) for row in board.rows]
    assert rows == [(ours, False, 100, [True, False]), (theirs, True, None, [False, False])]


@pytest.mark.django_db(transaction=True)
def test_it_is_made_once_for_each_change(django_assert_max_num_queries: Any) -> None:
    event = make_event()
    challenges = [make_challenge(event, quota_per_day=100) for _ in range(5)]
    team, late = make_team(event, "Early"), make_team(event, "Late")
    for challenge in challenges:
        scored(challenge, team, 0.9)
    viewer = member_of(team)

    def totals() -> list[tuple[str, int]]:
        found = points_board(event, viewer, timezone.now())
        return [(row.team.name, row.total.points) for row in found.rows if row.total]

    assert totals() == [("Early", 500)]
    with django_assert_max_num_queries(4):
        assert totals() == [("Early", 500)]
    scored(challenges[0], late, 0.9)
    assert totals() == [("Early", 500), ("Late", 100)]
    late.name = "Later"
    late.save()
    assert totals() == [("Early", 500), ("Later", 100)]


@pytest.mark.django_db(transaction=True)
def test_each_reader_finds_the_own_row() -> None:
    event = make_event()
    teams = [make_team(event), make_team(event)]
    for team in teams:
        rows = points_board(event, member_of(team), timezone.now()).rows
        assert [row.team for row in rows if row.is_mine] == [team]
