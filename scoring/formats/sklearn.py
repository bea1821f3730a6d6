"""scikit-learn: an estimator saved by skops, or by pickle or joblib, which run code when loaded."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from challenges.manifest import Limits, Task
from scoring.formats import boxed
from scoring.formats.exam import Answers, Exam, Inspection, OnRows, Runner
from scoring.formats.peek import ZIP, Peek
from scoring.job import Fact
from scoring.sandbox.box import printable
from scoring.verdicts import EXPECTED, FIXES, Rejected

_ZIP_NAME = 30
"""Where the name of the first entry lies in a zip."""
_PICKLES = tuple(bytes([0x80, protocol]) for protocol in (2, 3, 4, 5))
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


class Facts(BaseModel):
    """What a box read in the file."""

    model_config = ConfigDict(extra="forbid")
    container: Literal["skops", "pickle"]
    untrusted: list[str] = Field(max_length=50)
    globals: list[str] = Field(max_length=50)


def is_torch(peek: Peek) -> bool:
    """Whether the file begins as the zip that `torch.save` writes."""
    return peek.is_zip and b"/data.pkl" in peek.head[_ZIP_NAME : _ZIP_NAME + 300]


def detect(peek: Peek) -> bool:
    """Whether the bytes begin as a zip, as a pickle of protocol 2 or later, or as joblib's zlib.

    PyTorch's zip begins with its pickle; where it does not, the box tells.
    """
    return not is_torch(peek) and peek.head.startswith((ZIP, *_PICKLES, *_ZLIB))


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
    names = printable(", ".join(facts.globals[:10])) or "nothing"
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
