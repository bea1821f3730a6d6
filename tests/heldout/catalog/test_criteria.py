"""Passing: which criteria a team's scored submissions meet, what a coach must see, and when that is all."""

import math
from typing import Any

import pytest

from challenges.manifest import Manifest
from heldout.catalog.criteria import Run, checklist, has_passed, is_met, met_by, score_is_enough
from scoring.learned import ClassScore
from tests.heldout.handing_in import manifest_json

ACCURATE = {"text": "Accurate", "metric": "accuracy", "at_least": 0.9}
CALM = {"text": "Sure, not too sure", "metric": "log_loss", "at_most": 0.5}
FAIR = {"text": "Each class", "metric": "recall", "each_class": True, "at_least": 0.5}
SHOWN = {"text": "Plotted", "evidence": True}


def manifest(*criteria: dict[str, Any], **fields: Any) -> Manifest:
    return Manifest.model_validate(manifest_json(criteria=list(criteria), **fields))


def class_score(count: int = 100, **scores: float | None) -> ClassScore:
    return ClassScore(name="hat", count=count, scores=scores)


def meets(criterion: dict[str, Any], run: Run) -> bool:
    made = manifest(criterion)
    return is_met(made.criteria[0], run, made.task)


@pytest.mark.parametrize(("value", "met"), [(0.89, False), (0.9, True), (0.95, True), (math.nan, False)])
def test_the_challenges_metric_is_judged_by_the_exact_score(value: float, met: bool) -> None:
    assert meets(ACCURATE, Run(value, {})) == met


@pytest.mark.parametrize(("value", "met"), [(0.4, True), (0.5, True), (0.6, False), (math.nan, False)])
def test_where_lower_is_better_a_criterion_is_a_ceiling(value: float, met: bool) -> None:
    assert meets(CALM, Run(0.9, {"log_loss": value})) == met


def test_what_was_not_measured_meets_nothing() -> None:
    assert not meets(CALM, Run(0.9, {"accuracy": 0.9}))


@pytest.mark.parametrize(
    ("classes", "met"),
    [
        ([class_score(recall=0.6), class_score(recall=0.5)], True),
        ([class_score(recall=0.9), class_score(recall=0.49)], False),
        ([class_score(recall=0.9), class_score(recall=None)], False),
        ([class_score(recall=0.9), class_score(0, recall=None)], True),
        ([class_score(0, recall=None)], False),
        ([], False),
    ],
)
def test_each_class_that_can_be_judged_must_meet_it(classes: list[ClassScore], met: bool) -> None:
    assert meets(FAIR, Run(0.9, {}, classes)) == met


def test_criteria_may_be_met_by_different_submissions() -> None:
    runs = [Run(0.95, {"log_loss": 2.0}), Run(0.7, {"log_loss": 0.1})]
    assert met_by(manifest(ACCURATE, CALM, FAIR, SHOWN), runs) == ["Accurate", "Sure, not too sure"]


def test_a_checklist_begins_with_the_pass_score() -> None:
    lines = checklist(manifest(ACCURATE, SHOWN), 0.85, [], [])
    assert [(line.text, line.met) for line in lines] == [
        ("Accuracy of 0.80 or more on the board", True),
        ("Accurate", False),
        ("Plotted", False),
    ]
    assert not has_passed(lines)


class Tick:
    criterion = "Plotted"
    note = "clear"


def test_passing_takes_the_score_every_criterion_and_the_coachs_word() -> None:
    made = manifest(ACCURATE, SHOWN)
    waiting = checklist(made, 0.95, ["Accurate"], [])
    assert (score_is_enough(waiting), has_passed(waiting)) == (True, False)
    assert has_passed(checklist(made, 0.95, ["Accurate"], [Tick()]))
    assert not has_passed(checklist(made, None, [], [Tick()]))


def test_without_criteria_the_pass_score_is_enough() -> None:
    assert has_passed(checklist(manifest(), 0.8, [], []))
    assert not has_passed(checklist(manifest(), 0.79, [], []))
    assert has_passed(checklist(manifest(metric="log_loss"), 0.7, [], []))
