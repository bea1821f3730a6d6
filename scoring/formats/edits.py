"""What a team's CSV does to the training data of a data challenge: read, checked, applied.

Track *edits*: `id,action,label`, actions keep, drop and relabel, a label only with relabel; an example that
is not listed is kept, and each drop and each relabel uses one of the budget, whatever label stood there.
Track *selection*: `id` alone, at most as many as the budget; nothing else is trained on.
"""

import csv
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from challenges.splits import LabelledSplit
from challenges.task import Task, Training
from scoring.job import VerdictCode
from scoring.sandbox.work import printable
from scoring.verdicts import Rejected

Action = Literal["keep", "drop", "relabel"]
ACTIONS: tuple[Action, ...] = get_args(Action)
Rows = list[tuple[int, list[str]]]
"""Number and cells of each line."""
_HEADERS = {"edits": ["id", "action", "label"], "selection": ["id"]}
_LONGEST_FIELD = 200
_MOST_NAMED = 5
_MOST_ROWS = 1_000_000
_MOST_BYTES = 8 * 2**20
"""It is parsed here and not in a box, so it must not fill our memory, whatever the limit for models."""


@dataclass(frozen=True)
class Edit:
    """One row of the file: its line there, the example, and what to do with it."""

    line: int
    id: str
    action: Action
    label: int | float | None = None
    """A class index, or a number for regression; only with `relabel`."""


def rules_of(task: Task) -> Training:
    """The rules of a data challenge. Raises ValueError for any other."""
    if task.training is None:
        raise ValueError("a dataset for a task without training")
    return task.training


def _header(task: Task) -> str:
    return ",".join(_HEADERS[rules_of(task).track])


def _rejected(code: VerdictCode, found: str, expected: str, fix: str) -> Rejected:
    return Rejected(code, printable(found), expected, fix)


def _unreadable(found: str, task: Task) -> Rejected:
    fix = "write it with csv.writer or pandas.to_csv(index=False), in UTF-8, with a comma between columns"
    return _rejected("unreadable", found, f"a CSV with the header {_header(task)}", fix)


class _Faults:
    """Gathers what is wrong by lines, so that a team hears of more than the first."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._count = 0

    def add(self, line: int, text: str) -> None:
        self._count += 1
        if len(self._found) < _MOST_NAMED:
            self._found.append(f"line {line}: {text[:80]}")

    def raise_any(self, code: VerdictCode, expected: str, fix: str) -> None:
        if self._found:
            more = f"; {self._count - _MOST_NAMED:,} more" if self._count > _MOST_NAMED else ""
            raise _rejected(code, "; ".join(self._found) + more, expected, fix)


def _lines(artefact: Path, task: Task) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line that is not empty."""
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        with artefact.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            yield from ((reader.line_num, [cell.strip() for cell in row]) for row in reader if row)
    except UnicodeDecodeError as error:
        raise _unreadable(f"bytes that are not UTF-8 ({error.reason})", task) from error
    except csv.Error as error:
        raise _unreadable(f"a CSV that does not parse: {error}", task) from error


def _rows(artefact: Path, task: Task) -> Rows:
    """The lines below the header, all of its width. Raises `Rejected`."""
    lines = _lines(artefact, task)
    _, header = next(lines, (1, []))
    wanted = _HEADERS[rules_of(task).track]
    if [name.lower() for name in header] != wanted:
        raise _unreadable(f"the header {','.join(header)[:200]!r}", task)
    found: Rows = []
    ragged = _Faults()
    for line, row in lines:
        if len(found) >= _MOST_ROWS:
            expected = f"at most {_MOST_ROWS:,} rows"
            raise _rejected("too_large", f"more than {_MOST_ROWS:,} rows", expected, "list each example once")
        if len(row) != len(wanted):
            ragged.add(line, f"{len(row)} columns")
        found.append((line, row))
    fix = "write every column in each row; the label is empty unless the action is relabel"
    ragged.raise_any(
        "unreadable", f"{len(wanted)} columns in each row, as in the header {_header(task)}", fix
    )
    return found


def _check_actions(rows: Rows) -> None:
    unknown, labels = _Faults(), _Faults()
    for line, (_, action, label) in rows:
        if action not in ACTIONS:
            unknown.add(line, f"action {action!r}")
        elif (action == "relabel") != bool(label):
            labels.add(line, f"{action} {'with the label ' + repr(label) if label else 'without a label'}")
    fix = "write keep, drop or relabel in lower case; leave out the examples that you keep"
    unknown.raise_any("over_budget", f"one of {', '.join(ACTIONS)}", fix)
    labels.raise_any("over_budget", "a label exactly where the action is relabel", "leave other labels empty")


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _labels(rows: Rows, task: Task) -> list[int | float | None]:
    """For each row the new label, by its class's index or as a number; None where there is none."""
    index = {name: number for number, name in enumerate(task.classes)}
    found: list[int | float | None] = []
    strange = _Faults()
    for line, (_, _, text) in rows:
        label = (_number(text) if task.kind == "regression" else index.get(text)) if text else None
        if text and label is None:
            strange.add(line, f"label {text!r}")
        found.append(label)
    if task.kind == "regression":
        strange.raise_any("bad_type", "a finite number", "write numbers with a decimal point")
    fix = "write the names of classes as the challenge spells them, not their numbers"
    strange.raise_any("unknown_class", f"one of {', '.join(task.classes[:10])}", fix)
    return found


def _check_unique(ids: Iterable[tuple[int, str]]) -> None:
    first: dict[str, int] = {}
    twice = _Faults()
    for line, name in ids:
        if name in first:
            twice.add(line, f"{name!r}, as in line {first[name]}")
        first.setdefault(name, line)
    twice.raise_any("duplicate_ids", "each id at most once", "leave one line for each example")


def _check_budget(edits: list[Edit], rules: Training) -> None:
    spent = used(edits, rules)
    if spent <= rules.budget:
        return
    what = "examples selected" if rules.track == "selection" else "rows that drop or relabel"
    fix = "choose those that matter most"
    raise _rejected("over_budget", f"{spent:,} {what}", f"at most {rules.budget:,} {what}", fix)


def used(edits: list[Edit], rules: Training) -> int:
    """How much of the budget the rows use up."""
    return len(edits) if rules.track == "selection" else sum(edit.action != "keep" for edit in edits)


def read(artefact: Path, task: Task) -> list[Edit]:
    """Parse the whole file, and check all that can be known without the data. Raises `Rejected`."""
    size = artefact.stat().st_size
    if size > _MOST_BYTES:
        expected = f"at most {_MOST_BYTES >> 20} MB"
        raise _rejected(
            "too_large", f"{size / 2**20:.1f} MB", expected, "leave out the examples that you keep"
        )
    rows = _rows(artefact, task)
    _check_unique((line, row[0]) for line, row in rows)
    found = _selected(rows, task) if rules_of(task).track == "selection" else _edited(rows, task)
    _check_budget(found, rules_of(task))
    return found


def _selected(rows: Rows, task: Task) -> list[Edit]:
    if not rows:
        raise _unreadable("no line after the header", task)
    return [Edit(line, name, "keep") for line, (name,) in rows]


def _edited(rows: Rows, task: Task) -> list[Edit]:
    _check_actions(rows)
    labels = _labels(rows, task)
    return [
        Edit(line, name, cast(Action, action), label)
        for (line, (name, action, _)), label in zip(rows, labels, strict=True)
    ]


def _check_known(edits: list[Edit], known: dict[str, int]) -> None:
    unknown = _Faults()
    for edit in edits:
        if edit.id not in known:
            unknown.add(edit.line, repr(edit.id))
    expected = f"ids of the {len(known):,} training examples, in their current version"
    unknown.raise_any("unknown_ids", expected, "take the ids from the challenge's train.npz or train.csv")


def _check_classes(before: NDArray[Any], after: NDArray[Any], task: Task) -> None:
    """No class may be left with too few examples, unless it had no more from the start."""
    fewest = rules_of(task).smallest_class
    names = task.classes or ["training examples"]
    counts = [
        np.bincount(labels if task.classes else np.zeros(len(labels), np.int64), minlength=len(names))
        for labels in (before, after)
    ]
    short = [
        f"{name} with {left:,}"
        for name, had, left in zip(names, *(count.tolist() for count in counts), strict=True)
        if left < fewest and left < had
    ]
    if short:
        found = f"too few are left: {', '.join(short[:_MOST_NAMED])}"
        expected = f"at least {fewest:,} of each class" if task.classes else f"at least {fewest:,} in all"
        raise _rejected("over_budget", found, expected, "drop or relabel fewer of these")


def applied(edits: list[Edit], train: LabelledSplit, task: Task) -> LabelledSplit:
    """The examples that are left, with their labels, in the order of the train split. Raises `Rejected`."""
    place = {str(name): row for row, name in enumerate(train.ids)}
    _check_known(edits, place)
    labels = train.labels.copy()
    kept = np.full(len(labels), rules_of(task).track == "edits")
    for edit in edits:
        kept[place[edit.id]] = edit.action != "drop"
        if edit.label is not None:
            labels[place[edit.id]] = edit.label
    _check_classes(train.labels, labels[kept], task)
    return LabelledSplit(train.inputs[kept], labels[kept], train.ids[kept])
