"""Predictions as CSV: read row by row in this process, so that a machine without a sandbox can score them.

No box holds what this takes, so it has bounds of its own: for the file, for a row, for the time.
"""

import csv
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from scoring.sandbox.inside import tables
from scoring.sandbox.inside.faults import Refused
from scoring.sandbox.work import Ended

_LONGEST_FIELD = 1000
_LONGEST_ROW = 2**18
"""Characters. The widest honest row has 4096 numbers of an embedding; one of commas alone is a list of as
many texts, of which each takes more memory than its comma."""
_LOOK_ROWS = 1000
"""Rows between two looks at the clock."""
_MOST_BYTES = 2**28
"""In memory it takes up to five times as much."""
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


class _Lines:
    """The lines of a file, as many at a time as a row may be long. `next_row` begins another row."""

    def __init__(self, file: TextIO, seconds: float) -> None:
        self._file = file
        self._room, self._rows = _LONGEST_ROW, 0
        self._seconds, self._ends = seconds, time.thread_time() + seconds

    def next_row(self) -> None:
        """Give room for another row. Raises `Ended` when the time is up."""
        self._room, self._rows = _LONGEST_ROW, self._rows + 1
        if self._rows % _LOOK_ROWS == 0 and time.thread_time() > self._ends:
            raise Ended("timeout", f"a CSV that is not read after {self._seconds:g} seconds")

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(self._room + 1):
            self._room -= len(line)
            if self._room < 0:
                raise Refused("unreadable", f"a row of more than {_LONGEST_ROW:,} characters")
            yield line


def _rows(artefact: Path, seconds: float) -> Iterator[list[str]]:
    """The rows of the file, without empty ones."""
    try:
        with artefact.open(encoding="utf-8-sig", newline="") as file:
            lines = _Lines(file, seconds)
            for row in csv.reader(lines, strict=True):
                lines.next_row()
                if row:
                    yield row
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


def read(artefact: Path, job: dict[str, Any], seconds: float) -> tables.Table:
    """Parse the whole file within some seconds of processor time, whatever else this machine does.

    Raises `Refused` with what is wrong, and not only in the first row; `Ended` when the time is up.
    """
    _check_bytes(artefact.stat().st_size)
    csv.field_size_limit(_LONGEST_FIELD)
    lines = _rows(artefact, seconds)
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


def _check_bytes(size: int) -> None:
    if size > _MOST_BYTES:
        raise Refused("too_large", f"a CSV of {size >> 20} MB, of which at most {_MOST_BYTES >> 20} are read")


def _add(cells: _Cells, row: list[str], number: int) -> None:
    try:
        cells.add(row)
    except ValueError as error:
        raise Refused("bad_type", f"line {number:,}: {error}") from error
