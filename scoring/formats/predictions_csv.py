"""Predictions as CSV: read row by row in this process, so that a machine without a sandbox can score them."""

import csv
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from scoring.sandbox.inside import tables
from scoring.sandbox.inside.faults import Refused

_LONGEST_FIELD = 1000
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def _rows(artefact: Path) -> Iterator[list[str]]:
    """The lines of the file, without empty ones."""
    try:
        with artefact.open(encoding="utf-8-sig", newline="") as file:
            yield from (row for row in csv.reader(file, strict=True) if row)
    except UnicodeDecodeError as error:
        found = f"bytes that are not UTF-8, after {error.start:,} bytes of a block"
        raise Refused("unreadable", found) from error
    except csv.Error as error:
        raise Refused("unreadable", f"a CSV that does not parse: {error}") from error


def _check_header(header: list[str]) -> None:
    names = [name.strip().lower() for name in header]
    if len(names) > 1 and names[0] == "id":
        return
    line = ",".join(header)[:200]
    found = f"the header {line!r}"
    if names[:2] == ["", "id"]:
        found += ": a column without a name before id, as of an index that was written along"
    elif len(names) == 1:
        used = [name for mark, name in _SEPARATORS.items() if mark in line]
        found += f": {used[0]} in place of commas" if used else ": no column besides id"
    raise Refused("unreadable", found)


def _number(text: str) -> float:
    """NaN for an empty cell, which is then told as such."""
    return float(text) if text.strip() else float("nan")


class _Cells:
    """Gathers the cells that a layout asks for."""

    def __init__(self, layout: tables.Layout) -> None:
        self._text = None if layout.text is None else layout.text + 1
        self._places = [place + 1 for place in layout.numbers]
        self._texts: list[str] = []
        self._seen: dict[str, str] = {}
        self._numbers = array("f")

    def add(self, row: list[str]) -> None:
        """Take a row. Raises ValueError for what is no number."""
        self._numbers.extend(_number(row[place]) for place in self._places)
        if self._text is not None:
            name = row[self._text].strip()
            # The same few names stand in a million rows: each is kept once.
            self._texts.append(self._seen.setdefault(name, name))

    def rows(self, ids: list[str]) -> tables.Rows:
        """All that was gathered."""
        numbers = np.asarray(self._numbers, dtype=np.float32).reshape(len(ids), len(self._places))
        return tables.Rows(ids, self._texts, numbers)


def _filled(row: list[str], width: int, job: dict[str, Any]) -> list[str]:
    """A row of a detection may end after its id."""
    return row + [""] * (width - 1) if len(row) == 1 and job["kind"] == "detection" else row


def read(artefact: Path, job: dict[str, Any]) -> tables.Table:
    """Parse the whole file. Raises `Refused` with what is wrong, and not only in the first row."""
    csv.field_size_limit(_LONGEST_FIELD)
    lines = _rows(artefact)
    header = next(lines, [])
    _check_header(header)
    cells = _Cells(tables.layout(header[1:], job))
    ids: list[str] = []
    ragged: list[str] = []
    for number, line in enumerate(lines, start=2):
        if len(ids) >= tables.MOST_ROWS:
            raise Refused("too_large", f"more than {tables.MOST_ROWS:,} rows")
        row = _filled(line, len(header), job)
        ids.append(row[0].strip())
        if len(row) != len(header):
            ragged.append(str(number))
        elif not ragged:
            _add(cells, row, number)
    if ragged:
        cause = "a comma inside of a name or a number makes two columns of it; else the file was cut off"
        raise Refused("unreadable", f"lines of another length: {tables.named(ragged)}: {cause}")
    if not ids:
        raise Refused("unreadable", "no line after the header")
    return tables.table(cells.rows(ids), job)


def _add(cells: _Cells, row: list[str], number: int) -> None:
    try:
        cells.add(row)
    except ValueError as error:
        raise Refused("bad_type", f"line {number:,}: {error}") from error
