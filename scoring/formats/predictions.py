"""Predictions made elsewhere: a CSV of `id,label`, or of `id` and a probability for each class."""

import csv
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from challenges.manifest import Limits, Split, Task
from scoring.formats.exam import Answers, Exam, Inspection, OnRows, Predictions, Runner, not_finite
from scoring.formats.peek import Peek
from scoring.job import Fact
from scoring.sandbox.box import printable
from scoring.verdicts import EXPECTED, FIXES, Rejected, check_size

_PREFIX = "p_"
_LONGEST_FIELD = 1000
_MOST_NAMED = 5
_MOST_ROWS = 1_000_000
_HEADER = re.compile(rb'(\xef\xbb\xbf)?[ "]*id[ "]*[,;\t]', re.IGNORECASE)
_OPTIONAL: tuple[Split, ...] = ("train", "validation")


@dataclass(frozen=True)
class Table:
    """A parsed file: ids in its order, and scores [rows, classes]. `labels`: it names classes only."""

    ids: list[str]
    scores: Predictions
    labels: bool


def detect(peek: Peek) -> bool:
    """Whether the bytes begin as text with a header line whose first column is `id`.

    Semicolons and tabs are let through, so that the reader can say what is wrong.
    """
    return bool(_HEADER.match(peek.head)) and b"\0" not in peek.head


def _expected_header(task: Task) -> str:
    named = ",".join(f"{_PREFIX}{name}" for name in task.classes[:3])
    return f"id,label or id,{named}{',…' if len(task.classes) > 3 else ''}"


def _unreadable(found: str, task: Task) -> Rejected:
    fix = "write it with csv.writer or pandas.to_csv(index=False), in UTF-8, with a comma between columns"
    return Rejected("unreadable", printable(found), f"a CSV with the header {_expected_header(task)}", fix)


def _rows(artefact: Path, task: Task) -> Iterator[list[str]]:
    """The lines of the file, without empty ones."""
    try:
        with artefact.open(encoding="utf-8-sig", newline="") as file:
            yield from (row for row in csv.reader(file, strict=True) if row)
    except UnicodeDecodeError as error:
        raise _unreadable(
            f"bytes that are not UTF-8, after {error.start:,} bytes of a block", task
        ) from error
    except csv.Error as error:
        raise _unreadable(f"a CSV that does not parse: {error}", task) from error


def _columns(header: list[str], task: Task) -> list[int] | None:
    """For each class, its column; None when the file names labels."""
    names = [name.strip() for name in header]
    if [name.lower() for name in names] == ["id", "label"]:
        return None
    wanted = [f"{_PREFIX}{name}" for name in task.classes]
    if sorted(names[1:]) != sorted(wanted):
        missing = [name for name in wanted if name not in names]
        strange = [name for name in names[1:] if name not in wanted]
        twice = [name for name, count in Counter(names[1:]).items() if count > 1]
        found = (
            f"columns missing: {_named(missing)}; unknown: {_named(strange)}; more than once: {_named(twice)}"
        )
        fix = "name one column for each class, in any order, exactly as in classes of the challenge"
        raise Rejected("bad_shape", printable(found), f"the header {_expected_header(task)}", fix)
    return [names.index(name) for name in wanted]


def _named(names: Iterable[str]) -> str:
    """The first few names, and whether there are more."""
    listed = list(names)
    text = ", ".join(name[:60] for name in listed[:_MOST_NAMED])
    return f"{text} and more" if len(listed) > _MOST_NAMED else text or "none"


class _Labels:
    """Gathers class names, one a row."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._index = {name: number for number, name in enumerate(task.classes)}
        self._found = array("i")
        self._strange: dict[str, None] = {}

    def add(self, row: list[str]) -> None:
        name = row[1].strip()
        self._found.append(self._index.get(name, 0))
        if name not in self._index and len(self._strange) <= _MOST_NAMED:
            self._strange[name] = None

    def scores(self) -> Predictions:
        if self._strange:
            expected = f"one of {', '.join(self._task.classes[:10])}"
            fix = "write the names of classes as the challenge spells them, not their numbers"
            found = printable(f"labels {_named(sorted(self._strange))}")
            raise Rejected("unknown_class", found, expected, fix)
        return np.asarray(np.eye(len(self._index), dtype=np.float32)[np.asarray(self._found)])


class _Probabilities:
    """Gathers a number for each class and row."""

    def __init__(self, columns: list[int]) -> None:
        self._columns = columns
        self._found = array("f")

    def add(self, row: list[str]) -> None:
        try:
            self._found.extend(float(row[column]) for column in self._columns)
        except ValueError as error:
            fix = "write numbers with a decimal point and nothing else in the columns of classes"
            raise Rejected("bad_type", printable(str(error)), "a number for each class", fix) from error

    def scores(self) -> Predictions:
        scores = np.asarray(self._found, dtype=np.float32).reshape(-1, len(self._columns))
        bad = not_finite(scores)
        if bad:
            raise Rejected("not_finite", f"{bad:,} rows", EXPECTED["not_finite"], FIXES["not_finite"])
        return scores


def _gathered(
    lines: Iterator[list[str]], width: int, cells: _Labels | _Probabilities, task: Task
) -> list[str]:
    """The ids of all rows, whose cells go to `cells`. Row by row: a file must not fill our memory."""
    ids: list[str] = []
    ragged: list[str] = []
    for number, row in enumerate(lines, start=2):
        if len(ids) >= _MOST_ROWS:
            fix = "give one row for each example that the challenge asks for"
            raise Rejected("too_large", f"more than {_MOST_ROWS:,} rows", f"at most {_MOST_ROWS:,} rows", fix)
        ids.append(row[0].strip())
        if len(row) == width:
            cells.add(row)
        elif len(ragged) <= _MOST_NAMED:
            ragged.append(str(number))
    if ragged or not ids:
        found = f"lines of another length: {_named(ragged)}" if ragged else "no line after the header"
        raise _unreadable(found, task)
    return ids


def read(artefact: Path, task: Task) -> Table:
    """Parse the whole file. Raises `Rejected` with what is wrong, and not only in the first row."""
    csv.field_size_limit(_LONGEST_FIELD)
    lines = _rows(artefact, task)
    header = next(lines, [])
    if len(header) < 2 or header[0].strip().lower() != "id":
        raise _unreadable(f"the header {','.join(header)[:200]!r}", task)
    columns = _columns(header, task)
    if columns is None and task.metric == "log_loss":
        fix = "give a probability for each class; log loss punishes a wrong certainty without bound"
        raise Rejected("bad_type", "labels", "a probability for each class, as this is log loss", fix)
    cells = _Labels(task) if columns is None else _Probabilities(columns)
    ids = _gathered(lines, len(header), cells, task)
    return Table(ids, cells.scores(), labels=columns is None)


def _check_ids(ids: list[str], exam: Exam) -> None:
    """Every hidden example once, nothing unknown; given splits may be left out."""
    fix = "take the ids from the file of inputs that the challenge gives, each exactly once"
    twice = sorted(name for name, count in Counter(ids).items() if count > 1)
    if twice:
        raise Rejected("duplicate_ids", printable(f"twice or more: {_named(twice)}"), "each id once", fix)
    known = {split: [str(name) for name in names] for split, names in exam.ids.items()}
    unknown = set(ids).difference(*known.values())
    if unknown:
        expected = "ids of this challenge, in its current version"
        raise Rejected("unknown_ids", printable(f"not known: {_named(sorted(unknown))}"), expected, fix)
    needed = {name for split, names in known.items() if split not in _OPTIONAL for name in names}
    wanted = needed or set().union(*known.values())
    missing = wanted - set(ids)
    if missing:
        expected = f"a prediction for each of {len(wanted):,} examples"
        raise Rejected("missing_ids", printable(f"missing: {_named(sorted(missing))}"), expected, fix)


def inspect(artefact: Path, task: Task, limits: Limits, run: Runner) -> Inspection:
    """What the file says, apart from whether its ids fit. Raises `Rejected`."""
    check_size(artefact.stat().st_size, limits)
    return _inspection(read(artefact, task))


def _inspection(table: Table) -> Inspection:
    kind = "labels" if table.labels else "probabilities or scores for each class"
    return Inspection([Fact(name="Rows", value=f"{len(table.ids):,}"), Fact(name="Predictions", value=kind)])


def answer(artefact: Path, exam: Exam, run: Runner, on_rows: OnRows) -> Answers:
    """The scores by id; a given split is answered only when all of it is there. Raises `Rejected`."""
    check_size(artefact.stat().st_size, exam.limits)
    table = read(artefact, exam.task)
    _check_ids(table.ids, exam)
    place = {name: row for row, name in enumerate(table.ids)}
    complete = {s: names for s, names in exam.ids.items() if all(str(name) in place for name in names)}
    rows = {split: [place[str(name)] for name in names] for split, names in complete.items()}
    on_rows(1.0)
    return Answers({split: table.scores[found] for split, found in rows.items()}, _inspection(table))
