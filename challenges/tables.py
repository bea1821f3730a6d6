"""Splits as CSV, for those who like tables better than arrays, and a file of predictions to copy."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import cos, sin
from pathlib import Path
from typing import Any

import numpy as np

from challenges.splits import Ids, Inputs, LabelledSplit, Labels
from challenges.task import Kind, Task

SAMPLE = "sample_predictions"
_SAMPLE_SCORE = 0.5

Cells = list[str]


def write_labelled(path: Path, split: LabelledSplit, features: Sequence[str], task: Task) -> None:
    """Write `id`, one column a feature, and what is known of each row.

    Classification: `label`, the class's name. Regression: `value`. Similarity: `identity` and `role`, 0 for
    the gallery, 1 for a query, 2 for both. No other kind of task has tables as inputs.
    """
    columns: dict[Kind, Cells] = {
        "classification": ["label"],
        "regression": ["value"],
        "similarity": ["identity", "role"],
    }
    rows = zip(split.ids, split.inputs.tolist(), _truths(split.labels, task), strict=True)
    lines = ([name, *map(_number, values), *truth] for name, values, truth in rows)
    _write(path, ["id", *features, *columns[task.kind]], lines)


def _truths(labels: Labels, task: Task) -> Iterator[Cells]:
    if task.kind == "classification":
        return ([task.classes[label]] for label in labels)
    if task.kind == "regression":
        # Unlike inputs, they are float64: all digits, so that they come back as they were.
        return ([repr(value)] for value in labels.tolist())
    return ([str(value) for value in row] for row in labels.tolist())


def write_boxes(path: Path, split: LabelledSplit, task: Task) -> None:
    """Write a detection's ground truth, a row a box: `id,class,x0,y0,x1,y1,crowd`, in pixels.

    An image without boxes has a row with its id alone, as in a file of predictions.
    """
    _write(path, ["id", "class", "x0", "y0", "x1", "y1", "crowd"], _boxes(split, task))


def _boxes(split: LabelledSplit, task: Task) -> Iterator[Cells]:
    for name, boxes in zip(split.ids, split.labels, strict=True):
        found = boxes[boxes[:, 4] >= 0].tolist()
        for *corners, label, crowd in found:
            yield [name, task.classes[int(label)], *map(_number, corners), _number(crowd)]
        if not found:
            yield [name, "", "", "", "", "", ""]


def write_unlabelled(path: Path, inputs: Inputs, ids: Ids, features: Sequence[str]) -> None:
    """Write `id` and one column a feature."""
    lines = ([name, *map(_number, values)] for name, values in zip(ids, inputs.tolist(), strict=True))
    _write(path, ["id", *features], lines)


def sample_name(task: Task) -> str:
    """The name of the file that `write_sample_predictions` writes."""
    return f"{SAMPLE}.npz" if task.kind == "segmentation" else f"{SAMPLE}.csv"


def write_sample_predictions(folder: Path, ids: Ids, task: Task) -> None:
    """Write a file of predictions of the right form, which knows nothing of the examples."""
    path = folder / sample_name(task)
    if task.kind == "segmentation":
        masks = np.zeros((len(ids), *task.output_shape), np.uint8)
        np.savez_compressed(path, allow_pickle=False, ids=ids, predictions=masks)
        return
    header, line = _SAMPLES[task.kind](task)
    _write(path, ["id", *header], ([name, *line(row)] for row, name in enumerate(ids)))


Sample = tuple[Cells, Callable[[int], Cells]]
"""The columns besides `id`, and the cells of a row by its number."""


def _classes(task: Task) -> Sample:
    """The first class for all, or where certainty counts the same probability for each class."""
    if "log_loss" not in (task.metric, *task.weights):
        return ["label"], lambda row: [task.classes[0]]
    even = [_number(1 / len(task.classes))] * len(task.classes)
    return [f"p_{name}" for name in task.classes], lambda row: even


def _whole_image(task: Task) -> Sample:
    """One box of the first class, as large as the image."""
    _, height, width = task.input.shape
    box: Sequence[Any] = [task.classes[0], _SAMPLE_SCORE, 0, 0, width, height]
    return ["class", "score", "x0", "y0", "x1", "y1"], lambda row: [str(value) for value in box]


def _around_a_circle(task: Task) -> Sample:
    """Embeddings that are all different."""
    return ["e_0", "e_1"], lambda row: [_number(cos(row)), _number(sin(row))]


def _zero(task: Task) -> Sample:
    return ["value"], lambda row: ["0"]


_SAMPLES: dict[Kind, Callable[[Task], Sample]] = {
    "classification": _classes,
    "detection": _whole_image,
    "similarity": _around_a_circle,
    "regression": _zero,
}


def _number(value: float) -> str:
    return f"{value:.9g}"


def _write(path: Path, header: Cells, lines: Iterable[Cells]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)
