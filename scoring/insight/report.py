"""The insight of one submission, put together and kept small enough for a page."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from challenges.manifest import Split
from challenges.splits import LabelledSplit
from challenges.task import IGNORED, Task
from scoring.insight import cases, slices, suspects
from scoring.insight.view import View
from scoring.job import Outcomes
from scoring.kinds.kind import Predictions
from scoring.kinds.outcomes import unpacked
from scoring.kinds.registry import KINDS
from scoring.learned import Breakdown, Case, ClassScore, Insight

FEWEST = 20
"""A class with fewer hidden examples keeps its scores to itself: they would tell single answers."""

MOST_SUSPECTS = 8
MOST_BYTES = 300_000
MOST_CLASSES = 100
"""A confusion matrix of more classes is no picture any more, and has ten thousand cells."""


class Answered(NamedTuple):
    """A split with its prepared predictions and what became of each example."""

    split: LabelledSplit
    predictions: Predictions
    outcomes: Outcomes


def make(
    answered: Mapping[Split, Answered], task: Task, breakdown: Breakdown | None = None
) -> Insight | None:
    """What the validation split shows, and the aggregates of hidden ones; None where it was not answered.

    `breakdown` is what the model itself is made of.
    """
    if "validation" not in answered:
        return None
    view = _view(answered["validation"], task)
    mistakes, further = cases.mistakes(view)
    found = Insight(
        confusion=_confusion(view),
        classes=KINDS[task.kind].per_class(view.truth, view.predictions, task),
        slices=slices.of(view),
        mistakes=mistakes,
        further=further,
        suspects=_suspects(view),
        hidden=_hidden(answered, task),
        breakdown=breakdown,
    )
    return _small(found)


def _view(answered: Answered, task: Task) -> View:
    split, predictions, outcomes = answered
    values = unpacked(outcomes.values, "<f4")
    return View(task, split.inputs, split.labels, split.ids, predictions, values)


def _confusion(view: View) -> list[list[int]]:
    """Examples, or pixels for segmentation, by true and by predicted class."""
    classes = len(view.task.classes)
    if view.task.kind not in ("classification", "segmentation") or classes > MOST_CLASSES:
        return []
    truth = view.truth.reshape(-1).astype(np.int64)
    predicted = view.predictions.argmax(axis=1) if view.task.kind == "classification" else view.predictions
    known = truth != IGNORED if view.task.kind == "segmentation" else truth >= 0
    cells = truth[known] * classes + predicted.reshape(-1).astype(np.int64)[known]
    table: list[list[int]] = np.bincount(cells, minlength=classes**2).reshape(classes, classes).tolist()
    return table


def _suspects(view: View) -> list[Case]:
    if view.task.kind != "classification":
        return []
    found = suspects.rows(view.truth, view.predictions)
    return [cases.classified(view, row) for row in found[:MOST_SUSPECTS]]


def _hidden(answered: Mapping[Split, Answered], task: Task) -> dict[Split, list[ClassScore]]:
    """The scores of the classes of the public split, without those of few examples.

    Those of the private split are nobody's before the reveal, so they are not even made.
    """
    if "public" not in answered:
        return {}
    split, predictions, _ = answered["public"]
    scores = KINDS[task.kind].per_class(split.labels, predictions, task)
    return {"public": [_kept(score) for score in scores]}


def _kept(score: ClassScore) -> ClassScore:
    if score.count >= FEWEST:
        return score
    return score.model_copy(update={"count": 0, "scores": dict.fromkeys(score.scores)})


def _small(found: Insight) -> Insight:
    """Leave out pictures, those of the least telling cases first, until the whole is small enough."""
    for field in ("further", "suspects", "mistakes"):
        for last in range(len(getattr(found, field)) - 1, -1, -1):
            if len(found.model_dump_json()) <= MOST_BYTES:
                return found
            listed = list(getattr(found, field))
            listed[last] = _without_pictures(listed[last])
            found = found.model_copy(update={field: listed})
    return found


def _without_pictures(case: Case) -> Case:
    bare = [neighbour.model_copy(update={"picture": ""}) for neighbour in case.neighbours]
    update = {"picture": "", "truth_layer": "", "predicted_layer": "", "neighbours": bare}
    return case.model_copy(update=update)
