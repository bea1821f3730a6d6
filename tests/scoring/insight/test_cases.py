"""Examples worth looking at, of each kind of task: what is said of them in words, and what is drawn."""

from typing import Any

import numpy as np
import pytest

from challenges.splits import LabelledSplit
from challenges.task import TableInput, Task
from scoring.insight import cases, neighbours, notes, report
from scoring.learned import Case, Insight
from tests.scoring.insight.test_report import CLASSES, IMAGE, TASK, answered, belief_in, made, split_of


def of_kind(kind: str, split: LabelledSplit, predictions: Any, **task: Any) -> Insight:
    given = {"kind": kind, "classes": CLASSES, "input": IMAGE} | task
    found = Task.model_validate(given)
    return made({"validation": answered(split, predictions, found)}, found)


def images(count: int) -> Any:
    return np.random.default_rng(4).integers(0, 255, (count, 3, 16, 16)).astype(np.uint8)


def ids(count: int) -> Any:
    return np.array([f"v-{row}" for row in range(count)])


def boxed() -> Case:
    """A tent found too far right, a boot taken for a lamp, a lamp missed, and a boot where there is none."""
    truth = np.full((1, 5, 6), -1, np.float32)
    truth[0, :3] = [[0, 0, 8, 8, 0, 0], [8, 8, 16, 16, 1, 0], [0, 10, 4, 14, 2, 0]]
    found = np.zeros((1, 100, 6), np.float32)
    found[0, :4] = [
        [1, 0, 9, 8, 0.9, 0],
        [8, 8, 16, 16, 0.8, 2],
        [10, 1, 14, 5, 0.7, 1],
        [0, 0, 1, 1, 0.2, 0],
    ]
    insight = of_kind("detection", LabelledSplit(images(1), truth, ids(1)), found, metric="ap")
    return insight.mistakes[0]


def test_each_box_has_its_fate_in_words() -> None:
    assert boxed().notes == [
        "tent found, IoU 0.78, 90 % sure",
        "boot taken for lamp, IoU 1.00, 80 % sure",
        "lamp missed",
        "boot where there is none, 70 % sure",
    ]


def test_truth_and_prediction_are_layers_of_their_own() -> None:
    case = boxed()
    assert all((case.picture, case.truth_layer, case.predicted_layer))
    assert case.truth_layer != case.predicted_layer


def test_one_box_is_found_by_one_prediction_only() -> None:
    truth = np.array([[0, 0, 8, 8, 0, 0]], np.float32)
    twice = np.array([[0, 0, 8, 8, 0.6, 0], [0, 0, 8, 7, 0.9, 0]], np.float32)
    assert notes.of_boxes(truth, twice, CLASSES) == [
        "tent found, IoU 0.88, 90 % sure",
        "tent where there is none, 60 % sure",
    ]


def test_of_a_hundred_boxes_a_few_are_told() -> None:
    truth = np.array([[x, y, x + 1, y + 1, 0, 0] for x in range(10) for y in range(10)], np.float32)
    told = notes.of_boxes(truth, np.zeros((0, 6), np.float32), CLASSES)
    assert len(told) == notes.MOST
    assert told[-1] == "and 93 more"


def test_a_mask_says_how_well_each_class_was_cut_out_the_worst_first() -> None:
    truth = np.zeros((2, 16, 16), np.uint8)
    truth[:, :8] = 1
    truth[:, 0] = 255
    scores = np.zeros((2, 16, 16), np.uint8)
    scores[1, :8, :4], scores[1, 12:] = 1, 2
    insight = of_kind("segmentation", LabelledSplit(images(2), truth, ids(2)), scores, metric="miou")
    [worst] = [case for case in insight.mistakes if case.row == 1]
    assert worst.notes == ["lamp: IoU 0.00", "boot: IoU 0.25", "tent: IoU 0.30"]
    assert worst.truth_layer


def likened() -> tuple[Insight, Any]:
    """Queries 0 and 1 of two identities, and a gallery in which query 0 finds its own at the third place."""
    labels = np.array([[7, 1], [8, 1], [8, 0], [8, 0], [7, 0], [9, 0], [9, 0], [9, 0]])
    angles = np.array([0.0, 0.1, 0.05, 0.1, 0.3, 1.0, 2.0, 3.0])
    found = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    split = LabelledSplit(images(8), labels, ids(8))
    task = {"metric": "recall_at_1", "classes": [], "embedding_size": 2}
    return of_kind("similarity", split, found, **task), labels


def test_a_query_shows_its_neighbours_and_where_its_own_identity_comes() -> None:
    insight, _ = likened()
    case = insight.mistakes[0]
    assert (case.id, case.truth, case.true_rank) == ("v-0", "identity 7", 3)
    first = [(n.id, n.name, n.right) for n in case.neighbours]
    assert first == [
        ("v-2", "identity 8", False),
        ("v-3", "identity 8", False),
        ("v-4", "identity 7", True),
        ("v-5", "identity 9", False),
        ("v-6", "identity 9", False),
    ]
    assert len(case.neighbours) == neighbours.MOST
    assert all(n.picture for n in case.neighbours)
    likeness = [n.likeness for n in case.neighbours]
    assert likeness == sorted(likeness, reverse=True)


def test_neighbours_are_of_the_gallery_and_never_a_query() -> None:
    insight, labels = likened()
    shown = {int(n.id.removeprefix("v-")) for case in insight.mistakes for n in case.neighbours}
    assert not any(labels[row, 1] == 1 for row in shown)


def test_a_row_of_a_table_names_what_is_out_of_line() -> None:
    task = TASK.model_copy(update={"input": TableInput(type="table", features=["age", "fare", "deck"])})
    inputs = np.tile(np.linspace(0, 1, 60, dtype=np.float32)[:, None], (1, 3))
    inputs[10] = [77, 0.5, np.nan]
    split = LabelledSplit(inputs, np.arange(60) % 3, ids(60))
    predicted = split.labels.copy()
    predicted[10] = (predicted[10] + 1) % 3
    case = made({"validation": answered(split, belief_in(predicted), task)}, task).mistakes[0]
    assert case.notes == ["deck is missing", "age is high: 77"]


def test_what_comes_after_the_worst_is_kept_in_short() -> None:
    split = split_of(60)
    insight = made({"validation": answered(split, belief_in((split.labels + 1) % 3))})
    assert (len(insight.mistakes), len(insight.further)) == (cases.MOST, cases.FURTHER)
    rows = [case.row for case in (*insight.mistakes, *insight.further)]
    assert len(set(rows)) == cases.MOST + cases.FURTHER


def test_where_there_is_no_room_the_further_pictures_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    split = split_of(60)
    found = answered(split, belief_in((split.labels + 1) % 3))
    whole = made({"validation": found})
    monkeypatch.setattr(report, "MOST_BYTES", len(whole.model_dump_json()) - 10)
    small = made({"validation": found})
    assert not small.further[-1].picture
    assert small.further[0].picture
    assert all(case.picture for case in (*small.mistakes, *small.suspects))


def test_neighbours_lose_their_pictures_with_their_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "MOST_BYTES", 2000)
    insight, _ = likened()
    assert not any(n.picture for case in insight.mistakes for n in case.neighbours)
    assert insight.mistakes[0].neighbours
