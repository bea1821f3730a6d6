"""ONNX: a graph of known operators that runs no code of its own."""

from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from challenges.manifest import Limits
from challenges.task import ImageInput, Kind, Task
from scoring.formats import boxed
from scoring.formats.exam import Answers, Count, Exam, Inspection, OnRows, Runner, plain
from scoring.formats.peek import Peek
from scoring.job import Fact
from scoring.learned import Breakdown
from scoring.sandbox.work import Ended, printable
from scoring.verdicts import EXPECTED, FIXES, Rejected, explained

_LONGEST_VARINT = 10
"""Bytes; protobuf's encoding guide."""
_MODEL_FIELDS = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2}
"""Fields of ModelProto and the wire type of each; onnx/onnx.proto."""

Dimension = int | Annotated[str, Field(max_length=100)] | None


class Value(BaseModel):
    """An input or an output, as the file declares it."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(max_length=100)
    type: str = Field(max_length=40)
    shape: list[Dimension] | None = Field(max_length=32)

    def __str__(self) -> str:
        dimensions = "of unknown shape" if self.shape is None else str([d or "?" for d in self.shape])
        return printable(f"{self.name}: {self.type} {dimensions.replace(chr(39), '')}")


class Facts(BaseModel):
    """What a box read in the file."""

    model_config = ConfigDict(extra="forbid")
    ir_version: int
    opset: int
    newest_opset: int
    producer: str = Field(max_length=100)
    inputs: list[Value] = Field(max_length=20)
    outputs: list[Value] = Field(min_length=1, max_length=20)
    parameters: Count
    macs: Count | None
    external_files: list[str] = Field(max_length=20)
    foreign_domains: list[str] = Field(max_length=20)
    problem: str | None = Field(max_length=1000)
    breakdown: Breakdown | None = None


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A protobuf varint and where the next byte is.

    Raises IndexError at the end of `data`, ValueError for a number that no encoder writes.
    """
    value = 0
    for place in range(_LONGEST_VARINT):
        byte = data[at + place]
        value |= (byte & 0x7F) << 7 * place
        if not byte & 0x80:
            return value, at + place + 1
    raise ValueError(f"a varint of more than {_LONGEST_VARINT} bytes")


def detect(peek: Peek) -> bool:
    """Whether the bytes begin as a ModelProto: known fields of the right types, the graph or the
    version of the format among them."""
    head = peek.head
    at, seen = 0, set()
    try:
        while at < len(head):
            tag, at = _varint(head, at)
            number, wire = tag >> 3, tag & 7
            if _MODEL_FIELDS.get(number) != wire:
                return False
            seen.add(number)
            value, at = _varint(head, at)
            at += value if wire == 2 else 0
    except IndexError:
        pass
    except ValueError:
        return False
    return bool(seen & {1, 7}) and len(seen) >= 2


def _read(raw: bytes) -> Facts:
    try:
        return Facts.model_validate_json(raw)
    except ValidationError as error:
        found = f"a description that does not hold together ({error.error_count()} faults)"
        raise Rejected("unreadable", found, EXPECTED["unreadable"], FIXES["unreadable"]) from error


def _check_safe(facts: Facts) -> None:
    """Refuse what would reach outside of the file, and what needs operators that we don't load."""
    if facts.external_files:
        found = printable(f"weights in other files: {', '.join(facts.external_files[:3])}")
        fix = "save it as one file: onnx.save_model(model, path, save_as_external_data=False)"
        raise Rejected("unsafe_file", found, "one file that holds its own weights", fix)
    if facts.foreign_domains:
        found = printable(f"operators of {', '.join(facts.foreign_domains[:5])}")
        fix = "export without custom or vendor operators; do not save a model that onnxruntime has optimised"
        raise Rejected("unsafe_file", found, "operators of ai.onnx and ai.onnx.ml only", fix)


def _check_readable(facts: Facts) -> None:
    if facts.opset > facts.newest_opset:
        fix = (
            f"export with opset_version={min(facts.newest_opset, 20)}, or convert with onnx.version_converter"
        )
        raise Rejected("unreadable", f"opset {facts.opset}", f"opset {facts.newest_opset} or older", fix)
    if facts.problem is not None:
        found = printable(f"the ONNX checker says: {facts.problem}")
        raise Rejected("unreadable", found, EXPECTED["unreadable"], FIXES["unreadable"])


def _expected_input(task: Task) -> str:
    size = ", ".join(str(n) for n in task.input.shape)
    values = "0..1 (images divided by 255)" if isinstance(task.input, ImageInput) else "as given"
    return f"one input, float32 [n, {size}], values {values}"


def _input_fix(task: Task, shape: list[Dimension]) -> str:
    """The likeliest cause of a shape that doesn't fit."""
    wanted = task.input.shape
    if isinstance(task.input, ImageInput) and shape[1:] == [*wanted[1:], wanted[0]]:
        return (
            "this is NHWC, channels last; the platform gives NCHW: "
            "add a transpose to the model's start, or export with channels first"
        )
    if len(shape) == len(wanted):
        return "keep the first dimension for the batch: export with an example of shape [1, ...]"
    if len(shape) == 2 and len(wanted) > 1:
        return "the platform does not flatten images: start the model with a Flatten layer"
    return "resize or reshape inside the model, so that it takes the inputs as the challenge gives them"


def _fits(shape: list[Dimension], wanted: tuple[int, ...]) -> bool:
    if len(shape) != len(wanted) + 1:
        return False
    return all(not isinstance(d, int) or d == w for d, w in zip(shape[1:], wanted, strict=True))


def _check_input(facts: Facts, task: Task) -> None:
    expected = _expected_input(task)
    if len(facts.inputs) != 1:
        found = f"{len(facts.inputs)} inputs: {'; '.join(map(str, facts.inputs[:5]))}"
        raise Rejected(
            "wrong_input", found, expected, "give the model a single input; fix the others inside it"
        )
    value = facts.inputs[0]
    if value.type != "float":
        fix = "export with a float32 example; a model that wants 0..255 multiplies by 255 at its start"
        raise Rejected("wrong_input", str(value), expected, fix)
    if value.shape is not None and not _fits(value.shape, task.input.shape):
        raise Rejected("wrong_input", str(value), expected, _input_fix(task, value.shape))


_DIMENSIONS: dict[Kind, tuple[int, ...]] = {
    "classification": (2,),
    "detection": (3,),
    "segmentation": (4,),
    "similarity": (2,),
    "regression": (1, 2),
    "images": (4,),
}


def _check_output(facts: Facts, task: Task) -> None:
    """The predictions are the first output of floats with the kind's dimensions, or else the first output.

    What a shape leaves open is judged when the model runs.
    """
    wanted = _DIMENSIONS[task.kind]
    plain = [
        v
        for v in facts.outputs
        if v.type in ("float", "double") and (v.shape is None or len(v.shape) in wanted)
    ]
    strange = [v for v in facts.outputs if v.type in ("sequence", "map", "float16")]
    value = (plain or strange or facts.outputs)[0]
    if task.kind in ("segmentation", "images") and not plain:
        return
    if value.type not in ("float", "double"):
        raise explained(Ended("bad_type", f"an output {value}"), task, Limits())
    if value.shape is not None and not _fits(value.shape, _known_shape(task, value.shape)):
        raise explained(Ended("bad_shape", f"an output {value}"), task, Limits())


def _known_shape(task: Task, found: list[Dimension]) -> tuple[int, ...]:
    """The dimensions after the batch's, where a model's number of boxes or its embedding is its own."""
    if task.kind == "detection":
        return (_own(found, 1), task.output_shape[1])
    if task.kind == "segmentation":
        return (len(task.classes), *task.output_shape)
    if task.kind == "similarity":
        return (min(_own(found, 1), task.embedding_size),)
    return () if task.kind == "regression" and len(found) == 1 else task.output_shape


def _own(found: list[Dimension], place: int) -> int:
    return next((d for d in found[place : place + 1] if isinstance(d, int)), 1)


def _inspection(facts: Facts) -> Inspection:
    lines = {
        "Input": "; ".join(map(str, facts.inputs)),
        "Output": "; ".join(map(str, facts.outputs)),
        "Parameters": f"{facts.parameters:,}",
        "Multiply-accumulates": "unknown" if facts.macs is None else f"{facts.macs:,}",
        "Opset": str(facts.opset),
        "Made by": printable(facts.producer) or "unknown",
    }
    named = [Fact(name=name, value=value) for name, value in lines.items()]
    return Inspection(named, facts.parameters, facts.macs, plain(facts.breakdown))


def _checked(raw: bytes, task: Task) -> Inspection:
    facts = _read(raw)
    _check_safe(facts)
    _check_readable(facts)
    _check_input(facts, task)
    _check_output(facts, task)
    return _inspection(facts)


def inspect(artefact: Path, task: Task, limits: Limits, run: Runner) -> Inspection:
    """What the model is and whether it fits the task. Raises `Rejected`."""
    return _checked(boxed.facts("onnx", artefact, task, limits, run), task)


def answer(artefact: Path, exam: Exam, run: Runner, on_rows: OnRows) -> Answers:
    """Scores for every example, by onnxruntime in a box. Raises `Rejected`."""
    return boxed.answer("onnx", artefact, exam, run, on_rows, partial(_checked, task=exam.task))
