"""Predictions that were made elsewhere: CSV, Parquet, npz or npy, joined with the examples by id.

Only CSV is read by this process. Everything else is of a form that libraries in C read, and is read in a
box, which gets the ids that are wanted and answers with predictions in their order. All of them share one
code for what columns and arrays mean: `scoring.sandbox.inside.tables`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from challenges.manifest import Limits, Split
from challenges.task import Task
from scoring.formats import predictions_csv
from scoring.formats.boxed import INSPECT_SECONDS
from scoring.formats.exam import Answers, Exam, Inspection, OnRows, Predictions, Runner, not_finite
from scoring.formats.peek import ZIP, Peek
from scoring.formats.predictions_words import needs_probabilities, rejected
from scoring.job import Fact, VerdictCode
from scoring.sandbox.inside import tables
from scoring.sandbox.inside.faults import Refused
from scoring.sandbox.work import Ended, Work, printable
from scoring.verdicts import check_size, explained

_PARQUET = b"PAR1"
_NPY = b"\x93NUMPY"
_HEADER = re.compile(rb'(\xef\xbb\xbf)?[ "]*(,[ "]*)?id[ "]*[,;\t|](?![ "]*action)', re.IGNORECASE)
_OPTIONAL: tuple[Split, ...] = ("train", "validation")
_ROOM_SHARE = 3
"""Arrays of a box are held up to so many times while they are read."""


class Facts(BaseModel):
    """What a box read in the file."""

    model_config = ConfigDict(extra="forbid")
    container: Literal["Parquet", "npz", "npy"]
    rows: int = Field(ge=1)
    form: str = Field(max_length=100)


def detect(peek: Peek) -> bool:
    """Whether it is CSV with a header whose first column is `id`, Parquet, npy, or npz.

    Other separators and an index before `id` are let through, so that the reader can say what is wrong.
    skops also keeps arrays in a zip, beside its schema; a column `action` is that of changes to data.
    """
    if peek.head.startswith(_PARQUET):
        return peek.tail.endswith(_PARQUET)
    if peek.is_zip:
        return peek.names(b".npy") and not peek.names(b"schema.json")
    return peek.head.startswith(_NPY) or (bool(_HEADER.match(peek.head)) and b"\0" not in peek.head)


def _needs_box(artefact: Path) -> bool:
    with artefact.open("rb") as file:
        return file.read(len(_NPY)).startswith((_PARQUET, _NPY, ZIP))


def _job(task: Task, asked: tables.Asked | None, limits: Limits) -> dict[str, Any]:
    """What the readers are told of the task and of the ids."""
    groups = asked or tables.Asked([], [], others=True)
    extra = {
        "certain": needs_probabilities(task),
        "room": limits.memory_mb * 2**20 // _ROOM_SHARE,
        "needed": len(groups.needed),
        "optional": [len(group) for group in groups.optional],
        "others": groups.others,
    }
    return {"kind": task.kind, "classes": task.classes, "output_shape": task.output_shape, "extra": extra}


@contextmanager
def _worded(task: Task, limits: Limits, examples: int = 0) -> Iterator[None]:
    """Turn what a reader refuses, here or in a box, into a verdict."""
    try:
        yield
    except Refused as refused:
        raise rejected(cast(VerdictCode, refused.code), refused.found, task, examples) from refused
    except Ended as ended:
        verdict = explained(ended, task, limits).verdict
        worded = rejected(ended.code, ended.found, task, examples, ended.excerpt)
        if ended.code in ("timeout", "out_of_memory"):
            worded.verdict = worded.verdict.model_copy(update={"expected": verdict.expected})
        raise worded from ended


def _facts(raw: bytes, task: Task) -> Inspection:
    try:
        facts = Facts.model_validate_json(raw)
    except ValidationError as error:
        found = f"a description that does not hold together ({error.error_count()} faults)"
        raise rejected("unreadable", found, task) from error
    return _inspection(facts.container, facts.rows, printable(facts.form))


def _inspection(container: str, rows: int, form: str) -> Inspection:
    named = {"File": container, "Rows": f"{rows:,}", "Predictions": form}
    return Inspection([Fact(name=name, value=value) for name, value in named.items()])


def inspect(artefact: Path, task: Task, limits: Limits, run: Runner) -> Inspection:
    """What the file says, apart from whether its ids fit. Raises `Rejected`."""
    check_size(artefact.stat().st_size, limits)
    job = _job(task, None, limits)
    quick = limits.model_copy(update={"wall_seconds": min(limits.wall_seconds, INSPECT_SECONDS)})
    with _worded(task, quick):
        if _needs_box(artefact):
            work = Work(artefact.read_bytes(), quick, task, extra=job["extra"])
            return _facts(run("table", work, lambda share: None).facts, task)
        found = predictions_csv.read(artefact, job, quick.wall_seconds)
        tables.check(found, job)
    return _inspection("CSV", len(found.ids), found.form)


def _asked(exam: Exam) -> tuple[tables.Asked, list[Split]]:
    """The ids that are wanted, and the splits that may be left out.

    They are sorted, so that their order does not say which of them are public.
    """
    known = {split: sorted(str(name) for name in names) for split, names in exam.ids.items()}
    needed = sorted(name for split, names in known.items() if split not in _OPTIONAL for name in names)
    if not needed:
        return tables.Asked(sorted(set().union(*known.values())), [], exam.rehearsal), []
    optional = [split for split in known if split in _OPTIONAL]
    return tables.Asked(needed, [known[split] for split in optional], exam.rehearsal), optional


def answer(artefact: Path, exam: Exam, run: Runner, on_rows: OnRows) -> Answers:
    """The predictions by id; a given split is answered only when all of it is there. Raises `Rejected`."""
    check_size(artefact.stat().st_size, exam.limits)
    asked, optional = _asked(exam)
    log = ""
    with _worded(exam.task, exam.limits, len(asked.needed)):
        if _needs_box(artefact):
            block, inspection, log = _boxed(artefact, exam, asked, run, on_rows)
        else:
            block, inspection = _read(artefact, exam, asked)
    on_rows(1.0)
    return Answers(_by_split(block, exam, asked, optional), inspection, log=log)


def _read(artefact: Path, exam: Exam, asked: tables.Asked) -> tuple[Predictions, Inspection]:
    job = _job(exam.task, asked, exam.limits)
    found = predictions_csv.read(artefact, job, exam.limits.wall_seconds)
    block = np.concatenate(list(tables.answers_of(found, asked, job))).astype(exam.task.output_dtype)
    return block, _inspection("CSV", len(found.ids), found.form)


def _boxed(
    artefact: Path, exam: Exam, asked: tables.Asked, run: Runner, on_rows: OnRows
) -> tuple[Predictions, Inspection, str]:
    task = exam.task
    ids = np.array([*asked.needed, *(name for group in asked.optional for name in group)])
    # The interface of a memory file knows bytes, and no text of a fixed width.
    inputs = ids.view(np.uint8).reshape(len(ids), ids.itemsize)
    extra = _job(task, asked, exam.limits)["extra"]
    work = Work(artefact.read_bytes(), exam.limits, task, inputs, lambda raw: _facts(raw, task), extra)
    found = run("table", work, on_rows)
    return found.predictions, _facts(found.facts, task), found.log


def _by_split(
    block: Predictions, exam: Exam, asked: tables.Asked, optional: list[Split]
) -> dict[Split, Predictions]:
    """Predictions in the order of each split's examples, without the splits that were left out."""
    ends = np.cumsum([len(asked.needed), *map(len, asked.optional)])
    parts = np.split(block, ends[:-1])
    absent = {
        split for split, part in zip(optional, parts[1:], strict=True) if len(part) and tables.is_absent(part)
    }
    names = [*asked.needed, *(name for group in asked.optional for name in group)]
    place = {name: row for row, name in enumerate(names)}
    found = {
        split: block[[place[str(name)] for name in names]]
        for split, names in exam.ids.items()
        if split not in absent
    }
    bad = sum(not_finite(part) for part in found.values())
    if bad:
        raise rejected("not_finite", f"{bad:,} examples with NaN or infinity", exam.task)
    return found
