"""PyTorch: TorchScript, an archive of torch.export, or safetensors with weights of a network of the zoo.

A program brings its own code; weights alone don't, so that these must name a network that we have. Files
of `torch.save` are refused: a pickle of weights lacks the layers, and one of a model lacks its code.
"""

from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from challenges.manifest import Limits
from challenges.outputs import expected_output
from challenges.task import ImageInput, Task
from scoring.formats import boxed
from scoring.formats.exam import Answers, Count, Exam, Inspection, OnRows, Runner, plain
from scoring.formats.peek import Peek
from scoring.job import Fact, VerdictCode
from scoring.learned import Breakdown
from scoring.sandbox.work import Ended, Work, printable
from scoring.verdicts import Rejected, explained

INSPECT_SECONDS = 45.0
"""Importing what torch.export needs takes seconds, and many of them on a machine that is busy."""

_HEADER_BYTES = 8
_LONGEST_HEADER = 100_000_000
_EXPECTED = (
    "TorchScript (torch.jit.save), an archive of torch.export.save, or safetensors with weights of a network "
    "of the zoo that the metadata names"
)
_SAVE = (
    "save the whole program, with torch.jit.trace(model.eval(), example).save('model.pt') or with "
    "torch.export.save(torch.export.export(model.eval(), (example,)), 'model.pt2'); weights of a network of "
    "the zoo with safetensors.torch.save_file(model.state_dict(), 'model.safetensors', "
    "metadata={'architecture': 'resnet-18', 'classes': '10', 'size': '64'})"
)
_EVAL = "call model.eval() before tracing or exporting, and leave out whatever draws random numbers"

FIXES: dict[VerdictCode, str] = {
    "unknown_format": _SAVE,
    "unreadable": (
        "load the file yourself with the platform's version of torch; where weights don't fit, build the "
        "network with scoring.zoo.registry.build and load them there first"
    ),
    "unsafe_file": "save the model anew with torch itself, and hand in the file as it is",
    "wrong_input": (
        "give the model one input, float32 with the batch first, and export it with an example of the "
        "challenge's own shape"
    ),
    "bad_type": "return a tensor of float32, one row for each example of the batch",
}


class Facts(BaseModel):
    """What a box read in the file and saw when it ran it on made-up examples."""

    model_config = ConfigDict(extra="forbid")
    container: Literal["torchscript", "exported", "safetensors"]
    parameters: Count
    macs: Count | None
    batch: int | None = Field(ge=1)
    inputs: list[str] = Field(default=[], max_length=8)
    outputs: list[str] = Field(max_length=8)
    repeatable: bool
    independent: bool
    architecture: str | None = Field(default=None, max_length=40)
    classes: int | None = Field(default=None, ge=1)
    size: int | None = Field(default=None, ge=1)
    channels: int | None = Field(default=None, ge=1)
    breakdown: Breakdown | None = None


_CONTAINERS = {
    "torchscript": "TorchScript",
    "exported": "an archive of torch.export",
    "safetensors": "weights in safetensors",
}


def _is_safetensors(head: bytes) -> bool:
    """Whether the bytes begin as the length of a JSON object, and that object."""
    length = int.from_bytes(head[:_HEADER_BYTES], "little")
    return 2 <= length <= _LONGEST_HEADER and head[_HEADER_BYTES : _HEADER_BYTES + 1] == b"{"


def detect(peek: Peek) -> bool:
    """Whether it is a zip with the names that a program of torch has, or begins as safetensors."""
    return peek.names(b"/constants.pkl", b"/archive_format") or _is_safetensors(peek.head)


def _worded(rejected: Rejected) -> Rejected:
    """The same verdict in words for somebody who works with torch."""
    verdict = rejected.verdict
    of_the_file = verdict.code in ("unknown_format", "unreadable", "unsafe_file")
    expected = _EXPECTED if of_the_file else verdict.expected
    fix = FIXES.get(verdict.code, verdict.fix)
    return Rejected(verdict.code, verdict.found, expected, fix, verdict.excerpt)


def _read(raw: bytes) -> Facts:
    try:
        return Facts.model_validate_json(raw)
    except ValidationError as error:
        found = f"a description that does not hold together ({error.error_count()} faults)"
        raise Rejected("unreadable", found, _EXPECTED, FIXES["unreadable"]) from error


def _check_network(facts: Facts, task: Task) -> None:
    """Weights are for images of one size, and a classifier's for as many classes as there are."""
    if facts.architecture is None:
        return
    built = (facts.channels, facts.size, facts.size)
    if built != task.input.shape:
        found = f"{printable(facts.architecture)} for inputs of shape {list(built)}"
        fix = "train the network at the challenge's size, or hand in a program that resizes its inputs"
        expected = f"a network for inputs of shape {list(task.input.shape)}"
        if not isinstance(task.input, ImageInput):
            fix = "the networks of the zoo are for images; hand in a program"
        raise Rejected("wrong_input", found, expected, fix)
    if task.kind == "classification" and facts.classes != len(task.classes):
        found = f"{printable(facts.architecture)} with {facts.classes} classes"
        fix = "build the network with as many classes as the challenge has, in the challenge's order"
        raise Rejected("bad_shape", found, expected_output(task), fix)


def _check_steady(facts: Facts) -> None:
    """Refuse a model that is still in training mode, or that is random."""
    if not facts.repeatable:
        found = "a model that answers the same input differently the second time"
        raise Rejected("bad_type", found, "one answer to one input: a model in eval mode", _EVAL)
    if not facts.independent:
        found = "a model whose answer to an example depends on the others in its batch"
        raise Rejected("bad_type", found, "an answer to each example on its own: a model in eval mode", _EVAL)


def _inspection(facts: Facts) -> Inspection:
    network = f", {facts.architecture} for {facts.size} px" if facts.architecture else ""
    lines = {
        "Saved as": f"{_CONTAINERS[facts.container]}{network}",
        "Input": "; ".join(facts.inputs),
        "Output for a few made-up examples": "; ".join(facts.outputs),
        "Parameters and statistics": f"{facts.parameters:,}",
        "Multiply-accumulates": "unknown" if facts.macs is None else f"{facts.macs:,}",
        "Batch": "any" if facts.batch is None else f"always {facts.batch}",
    }
    named = [Fact(name=name, value=printable(value)[:500]) for name, value in lines.items() if value]
    return Inspection(named, facts.parameters, facts.macs, plain(facts.breakdown))


def _checked(raw: bytes, task: Task) -> Inspection:
    facts = _read(raw)
    _check_network(facts, task)
    _check_steady(facts)
    return _inspection(facts)


def _told(task: Task) -> dict[str, list[int]]:
    """What the box needs in order to try the model: the shape of an example."""
    return {"shape": list(task.input.shape)}


def inspect(artefact: Path, task: Task, limits: Limits, run: Runner) -> Inspection:
    """What the model is, and what it does with made-up examples of the task's shape. Raises `Rejected`."""
    seconds = min(limits.wall_seconds, INSPECT_SECONDS)
    quick = limits.model_copy(update={"wall_seconds": seconds})
    work = Work(artefact.read_bytes(), quick, extra=_told(task))
    try:
        facts = run("torch", work, lambda share: None).facts
    except Ended as ended:
        raise _worded(explained(ended, task, quick)) from ended
    return _checked(facts, task)


def answer(artefact: Path, exam: Exam, run: Runner, on_rows: OnRows) -> Answers:
    """What the model gives for every example, by torch in a box. Raises `Rejected`."""
    check = partial(_checked, task=exam.task)
    content, told = artefact.read_bytes(), _told(exam.task)
    try:
        return boxed.answer_bytes("torch", content, told, exam, run, on_rows, check)
    except Rejected as rejected:
        # What `_checked` says is in torch's words already; what the box says is not.
        raise (_worded(rejected) if isinstance(rejected.__cause__, Ended) else rejected) from rejected
