"""What a participant is shown is compared with what follows from the files."""

from datetime import UTC, datetime
from typing import Any

import pytest

from heldout.accounts import tokens
from heldout.accounts.models import Scope
from heldout.rehearsal.audit import Expected
from heldout.rehearsal.boards import Shown, shown, wrongly_shown
from heldout.rehearsal.stage import Person, Stage
from scoring.job import SplitScore
from tests.heldout.factories import make_team
from tests.heldout.handing_in import make_baseline, make_challenge, member_of, scored

ONE, OTHER = ("calm", 1), ("calm", 2)


def follows(value: float, count: int) -> Expected:
    score = SplitScore(
        split="public", value=value, low=value - 0.02, high=value + 0.02, count=500, metrics={}
    )
    return Expected("id", score, datetime(2026, 11, 26, tzinfo=UTC), count)


def words(rows: list[tuple[tuple[str, int], Shown]]) -> str:
    found = wrongly_shown(rows, {ONE: follows(0.8765, 3), OTHER: follows(0.5, 1)})
    return "; ".join(f"{each.about}: {each.found}" for each in found)


def test_rows_that_follow_from_the_files_are_right() -> None:
    assert words([(ONE, Shown(0.88, 3)), (OTHER, Shown(0.5, 1))]) == ""


@pytest.mark.parametrize("row", [Shown(0.87, 3), Shown(0.88, 2)])
def test_another_score_or_number_of_tries_is_wrong(row: Shown) -> None:
    assert "team 1 on calm: Shown" in words([(ONE, row), (OTHER, Shown(0.5, 1))])


def test_a_row_that_is_missing_or_there_twice_is_wrong() -> None:
    told = words([(ONE, Shown(0.88, 3)), (ONE, Shown(0.88, 3))])
    assert told == "the board's row of team 1 on calm: a row; the board's row of team 2 on calm: none"


@pytest.mark.django_db(transaction=True)
def test_the_boards_are_read_as_a_participant_reads_them(live_server: Any) -> None:
    challenge = make_challenge()
    make_baseline(challenge, 0.6)
    team = make_team(challenge.event, "Team 007")
    scored(challenge, team, 0.91)
    _, token = tokens.make(member_of(team), "rehearsal", [Scope.READ], 1)
    stage = Stage(challenge.event.slug, [challenge.slug], [Person(0, 7, token, "")], {})
    assert shown(stage, live_server.url) == [((challenge.slug, 7), Shown(0.91, 1))]
