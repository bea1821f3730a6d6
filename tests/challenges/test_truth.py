"""The ground truth of each kind of task: what is in order, and what is told of what isn't."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from challenges.preview import contact_sheet
from challenges.splits import LabelledSplit
from challenges.task import ImageInput, Kind, Task
from challenges.truth import truth_faults

Values = NDArray[Any]
IMAGE = ImageInput(type="image", channels=3, height=8, width=12)
TASKS: dict[Kind, Task] = {
    "classification": Task(kind="classification", classes=["a", "b"], metric="accuracy", input=IMAGE),
    "detection": Task(kind="detection", classes=["a", "b"], metric="ap", input=IMAGE),
    "segmentation": Task(kind="segmentation", classes=["none", "a"], metric="miou", input=IMAGE),
    "similarity": Task(kind="similarity", metric="recall_at_1", input=IMAGE),
    "regression": Task(kind="regression", metric="rmse", input=IMAGE),
}
NONE = [0, 0, 0, 0, -1, 0]
BOXES = np.array(
    [[[0, 0, 12, 8, 0, 0], [1, 1, 3, 4, 1, 1]], [[2, 2, 4, 5, 1, 0], [0, 0, 0, 0, -1, 0]]], "<f4"
)
MASKS = np.tile(np.array([0, 1, 255], np.uint8), (2, 8, 4))
PAIRS = np.array([[7, 0], [7, 1], [8, 2], [8, 2]])
GOOD: dict[Kind, Values] = {
    "classification": np.array([0, 1]),
    "detection": BOXES,
    "segmentation": MASKS,
    "similarity": PAIRS,
    "regression": np.array([0.5, -1e9]),
}


def changed(array: Values, place: Any, value: float) -> Values:
    copy = array.copy()
    copy[place] = value
    return copy


BAD: list[tuple[Kind, Values, str]] = [
    ("classification", np.array([0, 0]), "no example of [1]"),
    ("classification", np.array([0, 2]), "unknown classes [2]"),
    ("classification", np.array([0.0, 1.0]), "float64 [2]"),
    ("detection", BOXES[:, :, :5], "float32 [2, 2, 5]"),
    ("detection", changed(BOXES, (0, 0, 2), 13), "1 boxes such as [0.0, 0.0, 13.0, 8.0]"),
    ("detection", changed(BOXES, (1, 0, 3), 2), "1 boxes such as [2.0, 2.0, 4.0, 2.0]"),
    ("detection", changed(BOXES, (0, 0, 0), np.nan), "1 boxes such as [nan"),
    ("detection", changed(BOXES, (0, 1, 4), 5), "unknown classes [5.0]"),
    ("detection", changed(BOXES, (0, 1, 5), 2), "a crowd of 2"),
    ("segmentation", MASKS.astype(np.int64), "int64 [2, 8, 12]"),
    ("segmentation", MASKS[:, :4], "uint8 [2, 4, 12]"),
    ("segmentation", changed(MASKS, (0, 0, 0), 2), "unknown classes [2]"),
    ("similarity", PAIRS[:, :1], "int64 [4, 1]"),
    ("similarity", changed(PAIRS, (0, 1), 3), "roles [3]"),
    ("similarity", changed(PAIRS, (0, 0), 9), "1 of 3 queries that nothing in the gallery answers"),
    ("similarity", changed(PAIRS, (3, 0), 9), "2 of 3 queries"),
    ("similarity", np.array([[1, 0], [1, 0]]), "0 of 0 queries"),
    ("regression", np.array([0.5, np.nan]), "1 values that are not finite"),
    ("regression", np.array([1, 2]), "int64 [2]"),
]


def faults(kind: Kind, labels: Values) -> str:
    return "; ".join(found for found, _ in truth_faults(TASKS[kind], "private", len(labels), labels))


@pytest.mark.parametrize("kind", GOOD)
def test_ground_truth_that_is_in_order_has_no_fault(kind: Kind) -> None:
    assert faults(kind, GOOD[kind]) == ""


@pytest.mark.parametrize(("kind", "labels", "words"), BAD)
def test_a_fault_of_the_ground_truth_is_told(kind: Kind, labels: Values, words: str) -> None:
    assert words in faults(kind, labels)


def test_queries_of_the_train_split_need_no_answer() -> None:
    assert not list(truth_faults(TASKS["similarity"], "train", 1, np.array([[1, 1]])))


@pytest.mark.parametrize("kind", GOOD)
def test_every_kind_of_images_has_a_contact_sheet(kind: Kind) -> None:
    labels = GOOD[kind]
    images = np.full((len(labels), 3, 8, 12), 200, np.uint8)
    sheet = contact_sheet(LabelledSplit(images, labels, np.arange(len(labels)).astype(str)), TASKS[kind])
    colours = {tuple(map(int, c)) for c in np.asarray(sheet.convert("RGB")).reshape(-1, 3)}
    assert sheet.size[0] > 8 * 64
    assert len(colours) > 1
    if kind in ("detection", "segmentation"):
        assert any(max(colour) - min(colour) > 60 for colour in colours)
