"""Tables of predictions: what their columns must be, and how their rows are joined with examples by id.

Used on both sides: the worker reads a CSV, a box reads every other file of predictions. A job is told
besides, in `extra`: `certain`, whether probabilities are asked for and classes alone will not do.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from . import answers, table_hints
from .faults import Refused

Values = np.ndarray[Any, np.dtype[Any]]
Job = dict[str, Any]

MOST_ROWS = 1_000_000
MOST_NAMED = 5
BATCH_ROWS = 256
ABSENT_INDEX = 255
"""No class has this index: a challenge with masks has at most 255 classes."""

_CORNERS = ("x0", "y0", "x1", "y1")
_SCORE_AT, _CLASS_AT, _BOX_VALUES = 4, 5, 6
_ROUNDING = 1e-3


class Layout(NamedTuple):
    """Places of the columns besides `id`: of the one with text, if there is one, and of numbers in order."""

    text: int | None
    numbers: list[int]


class Rows(NamedTuple):
    """A table as it was read: ids and texts by row, numbers float32 [rows, columns]; NaN where nothing is."""

    ids: list[str]
    texts: list[str]
    numbers: Values


class Table(NamedTuple):
    """Predictions by id: `take(rows)` gives them for row numbers, in a form that `answers` takes."""

    ids: list[str]
    take: Callable[[Values], Values]
    form: str


class Asked(NamedTuple):
    """The ids that are wanted: all of `needed`, and each group of `optional` in whole or not at all.

    `others`: ids of no group are passed over, and not refused.
    """

    needed: list[str]
    optional: list[list[str]]
    others: bool


def named(names: Iterable[str]) -> str:
    """The first few names, and whether there are more."""
    listed = list(names)
    text = ", ".join(name[:60] for name in listed[:MOST_NAMED])
    if len(listed) > MOST_NAMED:
        return f"{text} and {len(listed) - MOST_NAMED:,} more"
    return text or "none"


def _wanted(names: list[str], job: Job) -> list[str]:
    """The columns besides `id` that a table must have, in the order in which they are read."""
    if job["kind"] == "classification":
        return [f"p_{name}" for name in job["classes"]]
    if job["kind"] == "similarity":
        return [f"e_{place}" for place in range(max(1, min(len(names), job["output_shape"][0])))]
    return ["value"] if job["kind"] == "regression" else ["class", "score", *_CORNERS]


def layout(names: list[str], job: Job) -> Layout:
    """Where the columns are, given the names of all but `id`. Raises `Refused`."""
    kind = job["kind"]
    if kind == "segmentation":
        raise Refused("bad_type", "a table, which has no room for masks")
    names = [name.strip() if kind == "classification" else name.strip().lower() for name in names]
    if kind == "classification" and [name.lower() for name in names] == ["label"]:
        if job["extra"]["certain"]:
            raise Refused("bad_type", "labels, where probabilities are scored")
        return Layout(0, [])
    wanted = _wanted(names, job)
    if sorted(names) != sorted(wanted):
        raise Refused("bad_shape", _columns_found(names, wanted, kind))
    places = [names.index(name) for name in wanted]
    return Layout(places[0], places[1:]) if kind == "detection" else Layout(None, places)


def _columns_found(names: list[str], wanted: list[str], kind: str) -> str:
    there, known = set(names), set(wanted)
    missing = [name for name in wanted if name not in there]
    strange = [name for name in names if name not in known]
    twice = [name for name, count in Counter(names).items() if count > 1]
    text = f"columns missing: {named(missing)}; unknown: {named(strange)}; more than once: {named(twice)}"
    return text + table_hints.columns(names, kind)


def table(rows: Rows, job: Job) -> Table:
    """The predictions of a table whose columns are as `layout` says. Raises `Refused`."""
    kind = job["kind"]
    if kind == "detection":
        return _boxes(rows, job)
    if rows.texts:
        return dense(rows.ids, np.asarray(_class_indices(rows.texts, job["classes"])), job)
    return dense(rows.ids, rows.numbers[:, 0] if kind == "regression" else rows.numbers, job)


def dense(ids: list[str], values: Values, job: Job) -> Table:
    """Predictions given as one array, a row an id. Raises `Refused` for what no kind of task has."""
    if len(values) != len(ids):
        raise Refused("bad_shape", f"{len(ids):,} ids and {len(values):,} predictions")
    if values.dtype.kind in "US" and values.ndim == 1 and job["kind"] == "classification":
        values = np.asarray(_class_indices(_texts(values), job["classes"]))
    if values.dtype.kind not in "biuf":
        raise Refused("bad_type", f"predictions of {values.dtype}, which are no numbers")
    if job["kind"] == "classification" and values.ndim == 1 and values.dtype.kind in "iu":
        return _labels(ids, values, job)
    if job["kind"] != "segmentation" or values.dtype.kind == "f":
        values = values.astype(np.float32 if values.dtype.itemsize < 8 else np.float64, copy=False)
    elif values.dtype.kind == "b":
        values = values.view(np.uint8)
    _check_finite(ids, values)
    _check_certain(values, job)
    return Table(ids, lambda wanted: values[wanted], _FORMS[job["kind"]])


_FORMS = {
    "classification": "scores for each class",
    "detection": "boxes",
    "segmentation": "masks",
    "similarity": "embeddings",
    "regression": "numbers",
}


def _texts(values: Values) -> list[str]:
    return [str(v, errors="replace") if isinstance(v, bytes) else v for v in values.tolist()]


def _labels(ids: list[str], indices: Values, job: Job) -> Table:
    classes = len(job["classes"])
    if job["extra"]["certain"]:
        raise Refused("bad_type", "class indices, where probabilities are scored")
    if indices.size and (indices.min() < 0 or indices.max() >= classes):
        raise Refused("unknown_class", table_hints.indices(indices, classes))
    whole = np.eye(classes, dtype=np.float32)
    return Table(ids, lambda wanted: whole[indices[wanted]], "labels")


def _class_indices(names: Sequence[str], classes: list[str]) -> list[int]:
    """The index of each name. Raises `Refused`, naming what is no class."""
    index = {name: place for place, name in enumerate(classes)}
    try:
        return [index[name] for name in names]
    except KeyError:
        strange = sorted(set(names) - index.keys())
    raise Refused("unknown_class", f"labels {named(strange)}{table_hints.labels(strange, classes)}")


def _check_finite(ids: list[str], values: Values) -> None:
    if values.dtype.kind != "f":
        return
    bad = np.flatnonzero(~np.isfinite(values).reshape(len(values), -1).all(axis=1))
    if len(bad):
        raise Refused("not_finite", _not_finite([ids[row] for row in bad]))


def _not_finite(ids: list[str]) -> str:
    return f"{len(ids):,} rows with NaN, infinity or nothing, such as of {named(ids)}"


def _check_certain(values: Values, job: Job) -> None:
    """Refuse what can be neither probabilities nor logits, where one of the two is scored."""
    if not job["extra"]["certain"] or job["kind"] != "classification" or values.ndim != 2:
        return
    sums = values.sum(axis=1, dtype=np.float64)
    within = bool(values.size) and bool((values >= 0).all())
    if within and (values <= 1).all() and (np.abs(sums - 1) > _ROUNDING).any():
        found = f"rows between 0 and 1 that sum to {sums.min():.4g} to {sums.max():.4g}"
        raise Refused("bad_type", f"{found}: neither probabilities nor logits")
    if within and (np.abs(sums - 100) <= 1).all():
        raise Refused("bad_type", "rows that sum to 100: percentages, neither probabilities nor logits")


def _box_classes(texts: list[str], filled: Values, classes: list[str]) -> Values:
    """Class indices [rows], given by name or by index; 0 where a row has no box."""
    index = {str(place): place for place in range(len(classes))}
    index |= {f"{place}.0": place for place in range(len(classes))}
    index |= {name: place for place, name in enumerate(classes)}
    found = [index.get(text, -1) for text in texts]
    classed = np.where(filled, np.asarray(found, dtype=np.int64), 0)
    if (classed < 0).any():
        strange = sorted({texts[row] for row in np.flatnonzero(classed < 0)})
        raise Refused("unknown_class", f"classes {named(strange)}{table_hints.labels(strange, classes)}")
    return classed


def _boxes(rows: Rows, job: Job) -> Table:
    """Boxes by id, the most confident first. A row with an id alone says that there are none."""
    most = job["output_shape"][0]
    filled = ~np.isnan(rows.numbers).all(axis=1) | np.asarray([text != "" for text in rows.texts])
    classes = _box_classes(rows.texts, filled, job["classes"])
    bad = filled & ~np.isfinite(rows.numbers).all(axis=1)
    if bad.any():
        raise Refused("not_finite", _not_finite([rows.ids[row] for row in np.flatnonzero(bad)]))
    place = {name: number for number, name in enumerate(dict.fromkeys(rows.ids))}
    owner = np.asarray([place[name] for name in rows.ids], dtype=np.int64)
    order = np.lexsort((-rows.numbers[:, 0], owner))
    order = order[filled[order]]
    score, corners = rows.numbers[order, :1], rows.numbers[order, 1:]
    boxes = np.concatenate([corners, score, classes[order, None].astype(np.float32)], axis=1)
    starts = np.searchsorted(owner[order], np.arange(len(place) + 1))

    def take(wanted: Values) -> Values:
        """Boxes [wanted, most, 6], filled up with zeros."""
        block = np.zeros((len(wanted), most, _BOX_VALUES), np.float32)
        for target, row in zip(block, wanted, strict=True):
            kept = boxes[starts[row] : starts[row + 1]][:most]
            target[: len(kept)] = kept
        return block

    return Table(list(place), take, f"{len(boxes):,} boxes")


def answered(ids: list[str], asked: Asked) -> list[bool]:
    """For each optional group, whether all of it is there. Raises `Refused` where the ids do not fit."""
    twice = [name for name, count in Counter(ids).items() if count > 1]
    if twice:
        raise Refused("duplicate_ids", f"twice or more: {named(sorted(twice))}")
    known = set(asked.needed).union(*asked.optional)
    unknown = set() if asked.others else set(ids) - known
    if unknown:
        raise Refused("unknown_ids", f"not known: {named(sorted(unknown))}{table_hints.ids(unknown, known)}")
    missing = set(asked.needed) - set(ids)
    if missing:
        found = f"missing: {named(sorted(missing))}, {len(missing):,} of {len(asked.needed):,}"
        raise Refused("missing_ids", found)
    there = set(ids)
    return [there.issuperset(group) for group in asked.optional]


def answers_of(found: Table, asked: Asked, job: Job) -> Iterator[Values]:
    """Predictions for `asked.needed` and each optional group in turn, batch by batch.

    A group that is not there is answered by numbers that no prediction has. Raises `Refused`.
    """
    complete = answered(found.ids, asked)
    place = {name: row for row, name in enumerate(found.ids)}
    groups = [(asked.needed, True), *zip(asked.optional, complete, strict=True)]
    for names, there in groups:
        if there:
            yield from _blocks(found, [place[name] for name in names], job)
        else:
            yield _absent(len(names), job)


def check(found: Table, job: Job) -> None:
    """Put every prediction into its form. Raises `Refused`."""
    for _ in _blocks(found, range(len(found.ids)), job):
        pass


def _blocks(found: Table, rows: Sequence[int], job: Job) -> Iterator[Values]:
    for start in range(0, len(rows), BATCH_ROWS):
        wanted = np.asarray(rows[start : start + BATCH_ROWS], dtype=np.int64)
        yield _fitted(found.take(wanted), len(found.ids), job)


def _fitted(raw: Values, count: int, job: Job) -> Values:
    """A block of `count` predictions in the form of its kind. Raises `Refused` with the likely reason."""
    try:
        return answers.fitted(raw, len(raw), job)
    except Refused as refused:
        hint = table_hints.form(refused.code, raw, job)
        found = f"predictions of {raw.dtype} {[count, *raw.shape[1:]]}"
        text = refused.found if refused.code == "unknown_class" else found
        raise Refused(refused.code, text + hint) from refused


def _absent(count: int, job: Job) -> Values:
    """What stands for examples without a prediction."""
    shape = (count, *job["output_shape"])
    if job["kind"] == "segmentation":
        return np.full(shape, ABSENT_INDEX, np.uint8)
    return np.full(shape, np.nan, np.float32)


def is_absent(block: Values) -> bool:
    """Whether a group's answers say that it was not there."""
    return bool((block == ABSENT_INDEX).all() if block.dtype == np.uint8 else np.isnan(block).all())


def groups_of(ids: Sequence[str], sizes: Mapping[str, Any]) -> Asked:
    """The ids of a job's inputs, in the order in which `answers_of` answers them, back in their groups."""
    ends = np.cumsum([sizes["needed"], *sizes["optional"]]).tolist()
    optional = [list(ids[start:stop]) for start, stop in itertools.pairwise(ends)]
    return Asked(list(ids[: ends[0]]), optional, bool(sizes["others"]))


def text_ids(values: Collection[Any], dtype: str) -> list[str]:
    """Ids as text, of an array's or a column's values. Raises `Refused` for floats and other things."""
    if len(values) > MOST_ROWS:
        raise Refused("too_large", f"{len(values):,} rows")
    if not len(values):
        raise Refused("unreadable", "a file without a row")
    found = []
    for value in values:
        if isinstance(value, bytes):
            found.append(value.decode(errors="replace").strip())
        elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            found.append(str(value).strip())
        else:
            raise Refused("bad_type", f"ids of {dtype}, such as {value!r:.60}; they are texts")
    return found
