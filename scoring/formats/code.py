"""Code: a zip with `model.py` and all that it needs, unpacked and run in a box alone.

`model.py` defines `load(folder)`, and `predict(batch)` itself or on what `load` returns; the contract is in
the docstring of `scoring.sandbox.inside.code_loader`. This is the one format that takes any architecture,
any library that is there (`libraries()`), and any work before and after the model.
"""

import re
import struct
from importlib import metadata
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from challenges.manifest import Limits
from challenges.task import Task
from scoring.formats import boxed
from scoring.formats.exam import Answers, Exam, Inspection, OnRows, Runner
from scoring.formats.peek import Peek
from scoring.job import Fact, VerdictCode
from scoring.sandbox import policy
from scoring.sandbox.work import printable
from scoring.verdicts import Rejected

_CONTRACT = (
    "a zip with model.py at its root or in its one folder, which defines load(folder), and predict(batch) "
    "itself or on what load returns"
)
_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_FILE = re.compile(rb"([^/\\]+[/\\])?model\.py")

FIXES: dict[VerdictCode, str] = {
    "unreadable": (
        "zip model.py with the files that it needs and nothing else; bring pure Python of other libraries "
        "along as files, or export the model to ONNX"
    ),
    "unsafe_file": "make the zip anew with an ordinary packer, or with Python's shutil.make_archive",
    "bad_type": "return a numpy array of float32 from predict, one row for each example of the batch",
    "bad_shape": "return a numpy array from predict with one row for each example of the batch",
    "crashed": (
        "the last lines show where in your files; run `python -m scoring FILE.zip --challenge DIR` at home, "
        "where the same sandbox shows the same error"
    ),
    "timeout": "load once and not in predict, and answer whole batches; importing torch alone takes seconds",
}


class Facts(BaseModel):
    """What a box read in the zip."""

    model_config = ConfigDict(extra="forbid")
    files: int = Field(ge=1)
    unpacked: int = Field(ge=0)
    defines: list[str] = Field(max_length=2)
    imports: list[str] = Field(max_length=10)


def libraries() -> dict[str, str]:
    """The libraries that code finds in its box, with their versions: those that are installed here."""
    return {name: metadata.version(name) for name in policy.KINDS["code"].distributions}


def _listed(tail: bytes) -> list[bytes] | None:
    """The names in a zip, by the list of its entries; None when `tail` doesn't hold the whole of it."""
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + _END.size > len(tail):
        return None
    *_, size, _, _ = _END.unpack_from(tail, end)
    at, names = end - size, []
    if at < 0:
        return None
    while at + _ENTRY.size <= end and tail.startswith(b"PK\x01\x02", at):
        *_, name, extra, comment, _, _, _, _ = _ENTRY.unpack_from(tail, at)
        names.append(tail[at + _ENTRY.size : at + _ENTRY.size + name])
        at += _ENTRY.size + name + extra + comment
    return names


def detect(peek: Peek) -> bool:
    """Whether it is a zip with `model.py` at its root or in a folder there.

    Where the list of entries is too long to be seen whole, any mention of that name will do; the box tells.
    """
    if not peek.is_zip:
        return False
    names = _listed(peek.tail)
    if names is None:
        return peek.names(b"model.py")
    return any(_FILE.fullmatch(name) for name in names)


def _named() -> str:
    return ", ".join(f"{name} {version}" for name, version in libraries().items())


def _worded(rejected: Rejected) -> Rejected:
    """The same verdict in words for somebody who writes code."""
    verdict = rejected.verdict
    expected = {
        "unreadable": f"{_CONTRACT}; it may import Python's own modules, its own files and {_named()}",
        "unsafe_file": "an ordinary zip: plain files with relative names, for which a box has room",
    }.get(verdict.code, verdict.expected)
    fix = FIXES.get(verdict.code, verdict.fix)
    return Rejected(verdict.code, verdict.found, expected, fix, verdict.excerpt)


def _checked(raw: bytes) -> Inspection:
    try:
        facts = Facts.model_validate_json(raw)
    except ValidationError as error:
        found = f"a description that does not hold together ({error.error_count()} faults)"
        raise Rejected("unreadable", found, _CONTRACT, FIXES["unreadable"]) from error
    size = f"{facts.files:,} files, {facts.unpacked:,} bytes unpacked"
    imports = printable(", ".join(name[:60] for name in facts.imports)) or "nothing but Python's own modules"
    return Inspection(
        [
            Fact(name="Contents", value=size),
            Fact(name="Imports", value=imports),
            Fact(name="Libraries", value=_named()),
        ]
    )


def inspect(artefact: Path, task: Task, limits: Limits, run: Runner) -> Inspection:
    """What the zip holds and imports, without running it. Raises `Rejected`."""
    try:
        return _checked(boxed.facts("code", artefact, task, limits, run))
    except Rejected as rejected:
        raise _worded(rejected) from rejected


def answer(artefact: Path, exam: Exam, run: Runner, on_rows: OnRows) -> Answers:
    """What the code predicts for every example, in a box. Raises `Rejected`."""
    try:
        return boxed.answer("code", artefact, exam, run, on_rows, _checked)
    except Rejected as rejected:
        raise _worded(rejected) from rejected
