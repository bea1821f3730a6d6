"""scikit-learn: an estimator saved by skops, or by pickle or joblib, which run code when loaded."""

import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from challenges.manifest import Limits
from challenges.task import Task
from scoring.formats import boxed
from scoring.formats.exam import Answers, Exam, Inspection, OnRows, Runner
from scoring.formats.peek import Peek
from scoring.job import Fact
from scoring.sandbox.work import printable
from scoring.verdicts import EXPECTED, FIXES, Rejected

_SKOPS_ARRAY = re.compile(rb"PK\x03\x04.{26}\d{6,}\.npy", re.DOTALL)
"""The first array of a skops file, named by a number: the schema is at its end, which may be cut off."""
_PICKLES = tuple(bytes([0x80, protocol]) for protocol in (2, 3, 4, 5))
_OLD_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


class Facts(BaseModel):
    """What a box read in the file."""

    model_config = ConfigDict(extra="forbid")
    container: Literal["skops", "pickle"]
    untrusted: list[str] = Field(max_length=50)
    globals: list[str] = Field(max_length=50)


def detect(peek: Peek) -> bool:
    """Whether it is a zip with the schema of skops, a pickle of protocol 2 or later, or joblib's zlib.

    Before it wrote zips, PyTorch wrote several pickles in a row, the first of them a number of its own.
    """
    if peek.is_zip:
        return peek.names(b"schema.json") or bool(_SKOPS_ARRAY.match(peek.head))
    return peek.head.startswith((*_PICKLES, *_ZLIB)) and not peek.head.startswith(_OLD_TORCH)


def _checked(raw: bytes) -> Inspection:
    try:
        facts = Facts.model_validate_json(raw)
    except ValidationError as error:
        found = f"a description that does not hold together ({error.error_count()} faults)"
        raise Rejected("unreadable", found, EXPECTED["unreadable"], FIXES["unreadable"]) from error
    if facts.untrusted:
        found = printable(f"types that are not scikit-learn's own: {', '.join(facts.untrusted[:5])}")
        raise Rejected("unsafe_file", found, EXPECTED["unsafe_file"], FIXES["unsafe_file"])
    return Inspection(_lines(facts))


def _lines(facts: Facts) -> list[Fact]:
    if facts.container == "skops":
        return [Fact(name="Saved by", value="skops; nothing in it runs on loading")]
    names = printable(", ".join(name[:60] for name in facts.globals[:10])) or "nothing"
    return [
        Fact(name="Saved by", value="pickle or joblib; it runs code on loading, and skops is the better way"),
        Fact(name="Imports", value=names),
    ]


def inspect(artefact: Path, task: Task, limits: Limits, run: Runner) -> Inspection:
    """What the file holds, without loading it. Raises `Rejected`."""
    return _checked(boxed.facts("sklearn", artefact, task, limits, run))


def answer(artefact: Path, exam: Exam, run: Runner, on_rows: OnRows) -> Answers:
    """Probabilities for every example, by scikit-learn in a box. Raises `Rejected`."""
    return boxed.answer("sklearn", artefact, exam, run, on_rows, _checked)
