"""Which team is quietly stuck."""

from datetime import UTC, datetime, timedelta

import pytest

from heldout.coaching.rules import Try, duration_text, last_progress, quietly_stuck

NINE = datetime(2026, 11, 25, 9, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def scored(minutes: float, score: float) -> Try:
    return Try(after(minutes), score)


def failed(minutes: float, code: str) -> Try:
    return Try(after(minutes), None, code)


def stuck(tries: list[Try], minutes: float, *, higher_is_better: bool = True) -> str:
    return quietly_stuck(tries, NINE, after(minutes), higher_is_better=higher_is_better)


@pytest.mark.parametrize(("minutes", "words"), [(44, ""), (45, "no better score for 45 min")])
def test_a_team_that_hands_in_nothing_is_stuck_after_a_while(minutes: float, words: str) -> None:
    assert stuck([], minutes) == words


def test_a_better_score_starts_the_clock_anew() -> None:
    assert stuck([scored(5, 0.5), scored(40, 0.6)], 80) == ""
    assert stuck([scored(5, 0.5), scored(40, 0.5)], 80) == "no better score for 75 min"
    assert stuck([scored(5, 0.5), scored(40, 0.4)], 80) == "no better score for 75 min"


def test_where_lower_is_better_a_lower_score_is_progress() -> None:
    assert stuck([scored(5, 0.5), scored(40, 0.4)], 80, higher_is_better=False) == ""


def test_three_failures_of_one_code_in_a_row_are_going_in_circles() -> None:
    shapes = [failed(1, "bad_shape"), failed(2, "bad_shape"), failed(3, "bad_shape")]
    assert stuck(shapes[:2], 4) == ""
    assert stuck(shapes, 4) == "the last 3 failed in the same way"
    assert stuck([*shapes[:2], failed(3, "timeout")], 4) == ""
    assert stuck([*shapes[:2], scored(3, 0.5), shapes[2]], 4) == ""


def test_progress_counts_from_when_the_challenge_opened_to_the_team() -> None:
    early = [Try(after(-30), 0.5)]
    assert last_progress(early, NINE, higher_is_better=True) == NINE


@pytest.mark.parametrize(("minutes", "text"), [(50, "50 min"), (180, "3 h"), (4000, "2 days")])
def test_times_are_said_shortly(minutes: int, text: str) -> None:
    assert duration_text(timedelta(minutes=minutes)) == text
