"""What a worker parses outside of a box: files of teams, and whatever a box sends."""

import json
import os
import socket
import subprocess
from typing import Any, get_args

import numpy as np
from pydantic import ValidationError

from challenges.manifest import Format
from challenges.task import Kind
from scoring import custom
from scoring.formats import code, dataset, edits, onnx, predictions, registry, sklearn, torch
from scoring.formats.exam import Inspection, OnRows
from scoring.formats.look_alikes import look_alike
from scoring.formats.peek import of_bytes, peek
from scoring.sandbox.box import Box
from scoring.sandbox.inside import frames
from scoring.sandbox.launcher import Launched
from scoring.sandbox.policy import BoxKind
from scoring.sandbox.work import Outcome, Work, printable
from scoring.store import Store, hidden_set
from scoring.verdicts import Rejected
from tests.fuzz import examples
from tests.fuzz.examples import LIMITS, no_box, task_of
from tests.fuzz.files import chosen, file, folder

BOXED: list[Format] = ["onnx", "sklearn", "torch", "code"]
FACTS: dict[Format, dict[str, Any]] = {
    "onnx": {
        "ir_version": 10,
        "opset": 18,
        "newest_opset": 23,
        "producer": "pytorch",
        "inputs": [{"name": "x", "type": "float", "shape": ["n", 1]}],
        "outputs": [{"name": "y", "type": "float", "shape": None}],
        "parameters": 9,
        "macs": 9,
        "external_files": [],
        "foreign_domains": [],
        "problem": None,
    },
    "sklearn": {"container": "skops", "untrusted": [], "globals": []},
    "torch": {
        "container": "torchscript",
        "parameters": 9,
        "macs": 9,
        "batch": None,
        "outputs": ["float32 [3, 3]"],
        "repeatable": True,
        "independent": True,
    },
    "code": {"files": 1, "unpacked": 9, "defines": ["load"], "imports": []},
}
"""What an honest box says of an honest file of each format."""


def _refused(rejected: Rejected) -> None:
    """A refusal that a person can read and a database can store, and that is the submission's fault."""
    verdict = rejected.verdict
    assert verdict.fault == "submission"
    for text in (verdict.found, verdict.expected, verdict.fix, verdict.excerpt):
        assert text == printable(text) and len(text) < 100_000


def _passport(found: Inspection) -> None:
    for fact in found.facts:
        assert fact.value == printable(fact.value) and len(fact.value) < 100_000
    for count in (found.parameters, found.macs):
        assert count is None or 0 <= count < 2**63


def formats(data: bytes) -> None:
    """Telling the format of a file by its ends, and naming what it seems to be."""
    seen = of_bytes(data)
    with file(data) as path:
        assert peek(path) == seen
    what = look_alike(seen)
    assert what.name == printable(what.name) and what.fix
    for accepted in registry.FORMATS:
        try:
            assert registry.identify(seen, [accepted]) == accepted
        except Rejected as rejected:
            _refused(rejected)


def tables(data: bytes) -> None:
    """A CSV of predictions, from its bytes to scores. The first byte says what kind of task it is for."""
    kind, content = chosen(data, examples.KINDS)
    task = task_of(kind)
    if not content.startswith((b"PAR1", b"\x93NUMPY", b"PK\x03\x04")):
        with file(content) as path:
            try:
                _passport(predictions.inspect(path, task, LIMITS, no_box))
            except Rejected as rejected:
                _refused(rejected)
        examples.check(examples.scored(task, "predictions", content, no_box))


def changes(data: bytes) -> None:
    """A CSV of changes to training data, read and applied. The first byte says which track."""
    track, content = chosen(data, ["edits", "selection"])
    task = examples.data_task(track)
    train = examples.splits_of(task)["public"]
    with file(content) as path:
        try:
            _passport(dataset.inspect(path, task, LIMITS, no_box))
            left = edits.applied(edits.read(path, task), train, task)
        except Rejected as rejected:
            _refused(rejected)
            return
    assert len(left.inputs) == len(left.labels) == len(left.ids) <= len(train.ids)
    assert set(left.ids) <= set(train.ids) and set(left.labels.tolist()) <= {0, 1, 2}


def facts(data: bytes) -> None:
    """What a box says of a file. The first byte says of which format."""
    format_, raw = chosen(data, [*BOXED, "predictions", "metric"])
    task = task_of("classification")
    try:
        if format_ == "onnx":
            for kind in examples.KINDS:
                _passport(onnx._checked(raw, task_of(kind)))
        elif format_ == "torch":
            _passport(torch._checked(raw, task))
        elif format_ == "metric":
            custom._Told.model_validate_json(raw)
        else:
            parse = {"sklearn": sklearn._checked, "code": code._checked}.get(format_)
            _passport(parse(raw) if parse else predictions._facts(raw, task))
    except Rejected as rejected:
        _refused(rejected)
    except ValidationError:
        assert format_ == "metric"


class Ending(subprocess.Popen[bytes]):
    """A process that has ended, but was still there when it was first asked for: no box waits for its end."""

    was_asked = False

    def poll(self) -> int | None:
        """None at first, its exit code from then on."""
        if not self.was_asked:
            self.was_asked = True
            return None
        return super().poll()


_ending: list[Ending] = []


def _process() -> Ending:
    """The process of a box that ends once it has its job; one stands for all of them."""
    if not _ending:
        _ending.append(Ending(["true"]))
        _ending[0].wait()
    _ending[0].was_asked = False
    return _ending[0]


class Peer:
    """Plays the inside of a box, which says `said` on the socket and prints `printed`."""

    def __init__(self, said: bytes, printed: bytes) -> None:
        self._said, self._printed = said[:65536], printed[:65536]

    def __call__(self, kind: BoxKind, work: Work, on_rows: OnRows) -> Outcome:
        """Run one job, as `Pool.run` does."""
        ours, theirs = socket.socketpair()
        read, write = os.pipe()
        theirs.sendall(self._said)
        theirs.shutdown(socket.SHUT_WR)
        os.write(write, self._printed)
        os.close(write)
        box = Box(kind, Launched(_process(), ours, read, None))
        try:
            return box.run(work, on_rows)
        finally:
            box.close()
            theirs.close()


def spoken(data: bytes) -> None:
    """All that a box sends, from its bytes to scores. Two bytes choose format and kind of task, one splits
    what follows into what is printed and what is said."""
    format_, rest = chosen(data, BOXED)
    kind, rest = chosen(rest, examples.KINDS)
    printed = rest[0] if rest else 0
    peer = Peer(rest[1 + printed :], rest[1 : 1 + printed])
    found = examples.scored(task_of(kind), format_, b"artefact", peer)
    examples.check(found)
    assert found.log_excerpt == printable(found.log_excerpt)


def said(kind: Kind, data: bytes, format_: Format = "code") -> bytes:
    """What a box says that answers with these bytes as predictions."""
    body = examples.numbers(data, task_of(kind), 7).tobytes()
    parts = [(frames.FACTS, json.dumps(FACTS[format_]).encode()), (frames.LOADED, b"")]
    parts += [(frames.PREDICTIONS, body), (frames.DONE, b"")]
    return b"".join(frames.HEADER.pack(name, len(content)) + content for name, content in parts)


def answers(data: bytes) -> None:
    """Predictions of the agreed number of bytes, to scores. The first byte says for what kind of task."""
    kind, content = chosen(data, list(get_args(Kind)))
    task = task_of(kind)
    block = examples.numbers(content, task, 7)

    def run(kind: BoxKind, work: Work, on_rows: OnRows) -> Outcome:
        return Outcome(json.dumps(FACTS["code"]).encode(), block, 0.0, 0.0, None, "")

    with np.errstate(all="ignore"):
        examples.check(examples.scored(task, "code", b"artefact", run))


def hidden(data: bytes) -> None:
    """A hidden set, which a bundle's own code has written. It may be refused by any exception, and soon."""
    with folder() as place, file(data) as path:
        store = Store(place / "store")
        digest = store.put(path)
        assert store.fetch(digest).read_bytes() == data
        try:
            splits = hidden_set(store, digest)
        except Exception as error:
            assert not isinstance(error, RecursionError | AssertionError)
            return
    assert all(not part.dtype.hasobject for split in splits.values() for part in split)
