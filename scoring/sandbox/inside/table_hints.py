"""The likely reasons why predictions do not fit, to be added to what was found."""

import re
from collections.abc import Collection
from typing import Any

import numpy as np

Values = np.ndarray[Any, np.dtype[Any]]

_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?", re.IGNORECASE)
_FLOAT = re.compile(r"-?\d+\.\d*(e[+-]?\d+)?|inf|nan", re.IGNORECASE)
_FILE = re.compile(r"\.(png|jpe?g|webp|bmp|npy)$", re.IGNORECASE)
_SIZES = {"w", "h", "width", "height"}


def _first(rules: list[tuple[bool, str]]) -> str:
    return next((f": {text}" for holds, text in rules if holds), "")


def columns(names: list[str], kind: str) -> str:
    """About columns of other names."""
    return _first(
        [
            (any(name == "" or name.startswith("__index") for name in names), "an index was written along"),
            (
                kind == "detection" and not _SIZES.isdisjoint(names),
                "a box is two corners, not corner and size",
            ),
            (kind == "detection" and names == ["label"], "these are labels, and boxes are asked for"),
            (kind == "regression" and names == ["label"], "the column must be called value"),
        ]
    )


def ids(unknown: Collection[str], known: Collection[str]) -> str:
    """About ids that the challenge does not have."""
    folded = {name.casefold() for name in known}
    rows = {str(row) for row in range(len(unknown) + 1)}
    return _first(
        [
            (rows.issuperset(unknown), "these look like row numbers"),
            (all(_FLOAT.fullmatch(name) for name in unknown), "ids were read as floats; read them as text"),
            (all(_NUMBER.fullmatch(name) for name in unknown), "ids were read as numbers; read them as text"),
            (all(_FILE.sub("", name) in known for name in unknown), "these are names of files, not ids"),
            (all(name.casefold() in folded for name in unknown), "only upper and lower case differ"),
        ]
    )


def _is_index(text: str) -> bool:
    return text.removesuffix(".0").isdecimal()


def labels(strange: list[str], classes: list[str]) -> str:
    """About texts that name no class."""
    folded = {name.casefold() for name in classes}
    numbers = all(map(_is_index, strange))
    # A classification writes names, so that any index is strange; a detection may write indices.
    one_more = numbers and {text.removesuffix(".0") for text in strange} == {str(len(classes))}
    return _first(
        [
            (strange == [""], "rows without a class"),
            (one_more, "classes are counted from 0, and these seem to be counted from 1"),
            (numbers, "these are numbers, not names of classes"),
            (all(text.casefold() in folded for text in strange), "only upper and lower case differ"),
        ]
    )


def indices(values: Values, classes: int) -> str:
    """Class indices that are out of their range, in words."""
    low, high = int(values.min()), int(values.max())
    found = f"class indices {low} to {high}, with {classes} classes counted from 0"
    return found + _first([(low >= 1 and high == classes, "these are counted from 1")])


def form(code: str, raw: Values, job: dict[str, Any]) -> str:
    """About an array [rows, ...] that is of another form than the kind of task has."""
    rules = _FORM_RULES.get(job["kind"])
    return "" if rules is None else _first(rules(code, raw, job))


def _classification(code: str, raw: Values, job: dict[str, Any]) -> list[tuple[bool, str]]:
    classes = len(job["classes"])
    return [
        (raw.ndim == 1, "class indices must be integers, as of .argmax(1) or .astype('int64')"),
        (raw.shape[1:] == (classes + 1,), f"one more than the {classes} classes of the challenge"),
        (raw.shape[1:] == (1,), "one column is enough for no challenge with two classes or more"),
    ]


def _detection(code: str, raw: Values, job: dict[str, Any]) -> list[tuple[bool, str]]:
    return [
        (raw.shape[2:] == (5,), "a box has six values: x0, y0, x1, y1, score, class"),
        (raw.shape[1:] == (6,), "each id has a list of boxes, filled up with zeros"),
    ]


def _segmentation(code: str, raw: Values, job: dict[str, Any]) -> list[tuple[bool, str]]:
    height, width = job["output_shape"]
    classes = len(job["classes"])
    shape = raw.shape[1:]
    return [
        (code == "unknown_class" and raw.max() == 255, "masks of 0 and 255; write class indices"),
        (code == "unknown_class" and raw.max() == classes, "classes are counted from 0"),
        (shape == (height, width), "class indices must be integers, as of .astype('uint8')"),
        (shape == (height, width, 3), "coloured masks; write class indices"),
        (shape == (height, width, classes), "classes come first; use .transpose(0, 3, 1, 2)"),
        (shape == (height, width, 1), "one dimension too many; use [..., 0]"),
        (shape == (1, height, width), "one dimension too many; use [:, 0]"),
        (shape == (width, height), "height and width are swapped"),
        (len(shape) == 2, f"masks must be of {height} x {width} pixels"),
    ]


def _similarity(code: str, raw: Values, job: dict[str, Any]) -> list[tuple[bool, str]]:
    most = job["output_shape"][0]
    return [(raw.ndim == 2 and raw.shape[1] > most, f"embeddings have at most {most} numbers")]


_FORM_RULES = {
    "classification": _classification,
    "detection": _detection,
    "segmentation": _segmentation,
    "similarity": _similarity,
}
