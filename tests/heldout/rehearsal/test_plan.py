"""Who hands in what: drawn before the event, in the shares that are promised."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from heldout.rehearsal.plan import HandIn, draw
from heldout.rehearsal.sizes import Sizes
from heldout.rehearsal.stage import Person, Stage

SIZES = Sizes(participants=40, teams=20, submissions=1000, minutes=3)
CHALLENGES = ("calm", "storm")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    names = ["good/predictions-1.csv", "good/predictions-2.csv", "good/onnx-0.onnx", "good/code-0.zip",
             "bad/text.onnx", "hostile/loops.zip"]  # fmt: skip
    for slug in CHALLENGES:
        for name in names:
            file = tmp_path / slug / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(name)
    return {slug: tmp_path / slug for slug in CHALLENGES}


@pytest.fixture
def stage() -> Stage:
    people = [Person(number, number % SIZES.teams, "token", "cookie") for number in range(SIZES.participants)]
    return Stage("event", list(CHALLENGES), people, {})


def facts(drawn: list[HandIn]) -> list[object]:
    return [(each.person, each.challenge, each.file, each.manner, each.day, each.at) for each in drawn]


def test_a_tenth_is_bad_and_a_fiftieth_hostile(stage: Stage, files: dict[str, Path]) -> None:
    sorts = Counter(each.sort for each in draw(SIZES, stage, files))
    assert sorts == {"good": 880, "bad": 100, "hostile": 20}


def test_the_same_seed_draws_the_same_event(stage: Stage, files: dict[str, Path]) -> None:
    assert facts(draw(SIZES, stage, files)) == facts(draw(SIZES, stage, files))
    assert facts(draw(SIZES, stage, files)) != facts(draw(replace(SIZES, seed=2), stage, files))


def test_each_hand_in_has_a_note_of_its_own_and_comes_from_the_team(
    stage: Stage, files: dict[str, Path]
) -> None:
    drawn = draw(SIZES, stage, files)
    assert len({each.tag for each in drawn}) == len(drawn)
    assert all(stage.people[each.person].team == each.team for each in drawn)
    assert {each.format for each in drawn} == {"predictions", "onnx", "code", "bad", "hostile"}


def test_uploads_are_slow_or_break_off_where_that_was_asked_for(stage: Stage, files: dict[str, Path]) -> None:
    assert {each.manner for each in draw(SIZES, stage, files)} == {"plain", "slow", "broken"}
    calm = draw(replace(SIZES, faults=("kill-site",)), stage, files)
    assert {each.manner for each in calm} == {"plain"}


def test_days_are_in_order_and_end_before_the_night(stage: Stage, files: dict[str, Path]) -> None:
    drawn = draw(SIZES, stage, files)
    assert [(each.day, each.at) for each in drawn] == sorted((each.day, each.at) for each in drawn)
    assert {each.day for each in drawn} == {0, 1, 2}
    assert max(each.at for each in drawn) < 60
