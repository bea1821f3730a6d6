"""CSV and Parquet: a row an example, numbers as features, and a column that says what is known of it."""

import csv
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from challenges.faults import BundleError, Fault, shown
from challenges.importers.collected import Collected, Origin, of_classes, of_values, refuse
from challenges.importers.pictures import Progress
from challenges.task import Kind, TableInput

Cells = Sequence[object]


class Table(NamedTuple):
    """A file's columns by name, all of the same length, and the number of each row in the file."""

    file: str
    columns: dict[str, Cells]
    rows: Sequence[int]


class Roles(NamedTuple):
    """Which column is what. `features` left empty are all that have no other role."""

    id: str = "id"
    label: str = ""
    value: str = ""
    group: str = ""
    features: tuple[str, ...] = ()


def read_csv(path: Path) -> Table:
    """Read a CSV with a header. Raises BundleError with every row of another length."""
    _need_file(path, "a CSV file")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            lines = [(reader.line_num, line) for line in reader if line]
    except (UnicodeDecodeError, csv.Error) as error:
        fault = Fault(file=path.name, field="", found=str(error), expected="a CSV in UTF-8")
        raise BundleError([fault]) from error
    if not lines:
        refuse([Fault(file=path.name, field="", found="an empty file", expected="a header and rows")])
    (_, header), *rows = lines
    refuse(_header_faults(path.name, header))
    refuse(
        [
            Fault(file=path.name, field=f"row {number}", found=f"{len(row)} cells", expected=f"{len(header)}")
            for number, row in rows
            if len(row) != len(header)
        ]
    )
    columns: dict[str, Cells] = {name: [row[place] for _, row in rows] for place, name in enumerate(header)}
    return Table(path.name, columns, [number for number, _ in rows])


def read_parquet(path: Path) -> Table:
    """Read a Parquet file. Raises BundleError when it is none."""
    from pyarrow import ArrowException, parquet

    _need_file(path, "a Parquet file")
    try:
        table = parquet.read_table(path)
    except (ArrowException, OSError) as error:
        fault = Fault(file=path.name, field="", found=str(error), expected="a Parquet file")
        raise BundleError([fault]) from error
    refuse(_header_faults(path.name, table.column_names))
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    return Table(path.name, columns, range(1, table.num_rows + 1))


def collect(table: Table, roles: Roles, progress: Progress) -> Collected:
    """Take a table apart by its columns' roles. Raises BundleError with every fault."""
    roles = _complete(table, roles)
    refuse(_column_faults(table, roles))
    count = len(next(iter(table.columns.values())))
    faults: list[Fault] = []
    inputs = np.zeros((count, len(roles.features)), np.float32)
    for place, name in enumerate(roles.features):
        inputs[:, place] = _numbers(table, name, faults)
        progress("reading columns", (place + 1) / len(roles.features))
    origins = _origins(table, roles, count, faults)
    kind: Kind = "classification" if roles.label else "regression"
    names = _texts(table, roles.label, faults) if roles.label else []
    values = _numbers(table, roles.value, faults) if roles.value else np.zeros(0)
    refuse(faults)
    classes = sorted(set(names), key=_natural)
    places = {name: number for number, name in enumerate(classes)}
    labels = np.array([places[name] for name in names], np.int64)
    return Collected(
        kind=kind,
        input=TableInput(type="table", features=list(roles.features)),
        classes=classes,
        inputs=inputs,
        labels=labels if roles.label else values,
        presence=of_classes(labels, len(classes)) if roles.label else of_values(values),
        origins=origins,
    )


def _need_file(path: Path, expected: str) -> None:
    if not path.is_file():
        refuse([Fault(file=str(path), field="", found="no such file", expected=expected)])


def _natural(name: str) -> tuple[int, float, str]:
    """Sort numbers by their value and before words."""
    try:
        return 0, float(name), name
    except ValueError:
        return 1, 0.0, name


def _header_faults(file: str, header: Sequence[str]) -> list[Fault]:
    faults = [
        Fault(file=file, field="header", found=f"{name!r} {count} times", expected="each column once")
        for name, count in Counter(header).items()
        if count > 1
    ]
    for name in header:
        if not name or name != name.strip() or not name.isprintable():
            expected = "a column's name without spaces around it"
            faults.append(Fault(file=file, field="header", found=shown(name), expected=expected))
    return faults


def _complete(table: Table, roles: Roles) -> Roles:
    """Fill in what was not said: `label` or `value` by name, and all other columns as features."""
    if not roles.label and not roles.value:
        label, value = (name if name in table.columns else "" for name in ("label", "value"))
        roles = roles._replace(label=label, value=value)
    taken = {roles.id, roles.label, roles.value, roles.group}
    features = roles.features or tuple(name for name in table.columns if name not in taken)
    return roles._replace(features=features)


def _column_faults(table: Table, roles: Roles) -> list[Fault]:
    there = ", ".join(table.columns)
    faults = []
    if bool(roles.label) == bool(roles.value):
        expected = "exactly one: a label's column or a value's (--label or --value names it)"
        found = f"both {roles.label} and {roles.value}" if roles.label else f"columns {there}"
        faults.append(Fault(file=table.file, field="header", found=found, expected=expected))
    for name in (*roles.features, *filter(None, (roles.label, roles.value, roles.group))):
        if name not in table.columns:
            faults.append(
                Fault(
                    file=table.file, field="header", found=f"no column {name!r}", expected=f"one of {there}"
                )
            )
    if not roles.features:
        faults.append(
            Fault(file=table.file, field="header", found=f"columns {there}", expected="features besides")
        )
    if not next(iter(table.columns.values()), ()):
        faults.append(Fault(file=table.file, field="", found="no rows", expected="an example a row"))
    return faults


def _numbers(table: Table, name: str, faults: list[Fault]) -> NDArray[np.float64]:
    """A column as finite numbers; a fault for each cell that is none."""
    numbers = np.zeros(len(table.columns[name]))
    for row, cell in enumerate(table.columns[name]):
        number = _number(cell)
        if number is None:
            faults.append(_cell_fault(table, row, name, cell, "a finite number"))
        else:
            numbers[row] = number
    return numbers


def _number(cell: object) -> float | None:
    if not isinstance(cell, int | float | str | bool) or (isinstance(cell, str) and "_" in cell):
        return None
    try:
        number = float(cell)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) <= np.finfo(np.float32).max else None


def _texts(table: Table, name: str, faults: list[Fault]) -> list[str]:
    """A column as names; a fault for each cell that is empty or could be no class's name."""
    texts = ["" if cell is None else str(cell) for cell in table.columns[name]]
    for row, text in enumerate(texts):
        if not text or text != text.strip() or not text.isprintable():
            expected = "a name without spaces around it or line breaks"
            faults.append(_cell_fault(table, row, name, table.columns[name][row], expected))
    return texts


def _origins(table: Table, roles: Roles, count: int, faults: list[Fault]) -> list[Origin]:
    groups = _texts(table, roles.group, faults) if roles.group else [""] * count
    rows = [f"row {number}" for number in table.rows]
    if roles.id not in table.columns:
        return [Origin(name, group) for name, group in zip(rows, groups, strict=True)]
    ids = _texts(table, roles.id, faults)
    faults.extend(_repeated_ids(table, roles.id, ids))
    return [Origin(name, group) for name, group in zip(ids, groups, strict=True)]


def _repeated_ids(table: Table, column: str, ids: list[str]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for row, name in enumerate(ids):
        if first.setdefault(name, row) != row:
            expected = f"an id of its own; row {table.rows[first[name]]} has it too"
            yield _cell_fault(table, row, column, name, expected)


def _cell_fault(table: Table, row: int, column: str, cell: object, expected: str) -> Fault:
    field = f"row {table.rows[row]}, {column}"
    return Fault(file=table.file, field=field, found=shown(cell), expected=expected)
