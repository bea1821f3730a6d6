"""Splits and samples as tables: what is read back is what was written."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from challenges.splits import LabelledSplit
from challenges.tables import sample_name, write_boxes, write_labelled, write_sample_predictions
from challenges.task import ImageInput, Kind, MetricName, TableInput, Task

FEATURES = ["long", "wide"]
CLASSES = ["tent", "boot"]
IDS = np.array(["a", "b", "c"])
INPUTS = np.array([[0.1, 2], [1 / 3, 4], [1e-9, 5e12]], np.float32)


def table_task(kind: Kind, metric: MetricName) -> Task:
    classes = CLASSES if kind == "classification" else []
    return Task(kind=kind, classes=classes, metric=metric, input=TableInput(type="table", features=FEATURES))


def image_task(kind: Kind, metric: MetricName) -> Task:
    image = ImageInput(type="image", channels=3, height=6, width=8)
    return Task(kind=kind, classes=CLASSES, metric=metric, input=image)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


LABELLED: list[tuple[Task, Any, list[dict[str, str]]]] = [
    (
        table_task("classification", "accuracy"),
        np.array([0, 1, 0]),
        [{"label": "tent"}, {"label": "boot"}, {"label": "tent"}],
    ),
    (
        table_task("regression", "rmse"),
        np.array([0.1, -2.0, 1 / 3]),
        [{"value": "0.1"}, {"value": "-2.0"}, {"value": "0.3333333333333333"}],
    ),
    (
        table_task("similarity", "map_at_r"),
        np.array([[7, 0], [7, 1], [8, 2]]),
        [
            {"identity": "7", "role": "0"},
            {"identity": "7", "role": "1"},
            {"identity": "8", "role": "2"},
        ],
    ),
]


@pytest.mark.parametrize(("task", "labels", "truths"), LABELLED, ids=[case[0].kind for case in LABELLED])
def test_a_labelled_table_holds_every_digit(
    task: Task, labels: Any, truths: list[dict[str, str]], tmp_path: Path
) -> None:
    write_labelled(tmp_path / "t.csv", LabelledSplit(INPUTS, labels, IDS), FEATURES, task)
    found = rows(tmp_path / "t.csv")
    assert [row["id"] for row in found] == IDS.tolist()
    read = np.array([[row[name] for name in FEATURES] for row in found], np.float32)
    assert np.array_equal(read, INPUTS)
    assert [{name: row[name] for name in row.keys() - {"id", *FEATURES}} for row in found] == truths


def test_boxes_have_a_row_each_and_an_image_without_boxes_has_its_id(tmp_path: Path) -> None:
    nothing = [0, 0, 0, 0, -1, 0]
    labels = np.array(
        [[[1, 2, 3.5, 4, 1, 0], [0, 0, 8, 6, 0, 1]], [nothing, nothing], [[0, 0, 1, 1, 0, 0], nothing]],
        np.float32,
    )
    inputs = np.zeros((3, 3, 6, 8), np.uint8)
    write_boxes(tmp_path / "b.csv", LabelledSplit(inputs, labels, IDS), image_task("detection", "ap"))
    assert [list(row.values()) for row in rows(tmp_path / "b.csv")] == [
        ["a", "boot", "1", "2", "3.5", "4", "0"],
        ["a", "tent", "0", "0", "8", "6", "1"],
        ["b", "", "", "", "", "", ""],
        ["c", "tent", "0", "0", "1", "1", "0"],
    ]


SAMPLES: list[tuple[Task, list[str]]] = [
    (table_task("classification", "accuracy"), ["id", "label"]),
    (table_task("classification", "log_loss"), ["id", "p_tent", "p_boot"]),
    (table_task("regression", "rmse"), ["id", "value"]),
    (table_task("similarity", "map_at_r"), ["id", "e_0", "e_1"]),
    (image_task("detection", "ap"), ["id", "class", "score", "x0", "y0", "x1", "y1"]),
]


@pytest.mark.parametrize(("task", "header"), SAMPLES, ids=[f"{c[0].kind} {c[0].metric}" for c in SAMPLES])
def test_a_sample_has_a_row_for_each_id(task: Task, header: list[str], tmp_path: Path) -> None:
    write_sample_predictions(tmp_path, IDS, task)
    found = rows(tmp_path / sample_name(task))
    assert list(found[0]) == header
    assert [row["id"] for row in found] == IDS.tolist()


def test_a_sample_of_masks_is_an_npz(tmp_path: Path) -> None:
    task = image_task("segmentation", "miou")
    write_sample_predictions(tmp_path, IDS, task)
    with np.load(tmp_path / "sample_predictions.npz", allow_pickle=False) as arrays:
        assert arrays["ids"].tolist() == IDS.tolist()
        assert arrays["predictions"].shape == (3, 6, 8)
        assert arrays["predictions"].dtype == np.uint8
