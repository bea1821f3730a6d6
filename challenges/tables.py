"""Splits as CSV, for people and tools that like tables better than arrays."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from challenges.splits import Ids, Inputs, LabelledSplit


def write_labelled(path: Path, split: LabelledSplit, features: Sequence[str], classes: Sequence[str]) -> None:
    """Write `id`, one column a feature, and `label` as the class's name."""
    rows = zip(split.ids, split.inputs.tolist(), split.labels, strict=True)
    lines = ([name, *map(_number, values), classes[label]] for name, values, label in rows)
    _write(path, ["id", *features, "label"], lines)


def write_unlabelled(path: Path, inputs: Inputs, ids: Ids, features: Sequence[str]) -> None:
    """Write `id` and one column a feature."""
    lines = ([name, *map(_number, values)] for name, values in zip(ids, inputs.tolist(), strict=True))
    _write(path, ["id", *features], lines)


def write_sample_predictions(path: Path, ids: Ids, classes: Sequence[str]) -> None:
    """Write a valid prediction file: the first class for every id."""
    _write(path, ["id", "label"], ([name, classes[0]] for name in ids))


def _number(value: float) -> str:
    return f"{value:.9g}"


def _write(path: Path, header: list[str], lines: Iterable[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)
