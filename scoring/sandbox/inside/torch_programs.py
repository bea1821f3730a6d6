"""Loads a program of torch, and tries it on made-up examples."""

import io
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import torch
from torch import Tensor
from torch._ops import HigherOrderOperator

from . import torch_files
from .faults import Refused
from .torch_macs import Products

# This package's neighbour in a box; elsewhere it is `scoring.zoo`.
weights = import_module("zoo.weights")

_ROWS = 2
_TOLERANCE = 1e-3
_MOST_NAMED = 8
_LONGEST_LINE = 300


@dataclass
class Program:
    """A loaded model. `batch` is the number of rows that it insists on, `shape` that of its example."""

    run: Callable[[Tensor], Any]
    tensors: list[Tensor]
    shape: list[int]
    batch: int | None = None
    branches: bool = False
    """Whether it has branches or loops, so that its cost may depend on the example."""
    facts: dict[str, Any] = field(default_factory=dict)


def said(error: Exception) -> str:
    """The line of an error that says what is wrong; TorchScript's comes after a traceback of its own."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    script = [line for line in lines if line.startswith(("RuntimeError:", "torch.", "AssertionError:"))]
    first = (script[-1:] or lines[:1] or [type(error).__name__])[0]
    return first[:_LONGEST_LINE]


def out_of_memory(error: Exception) -> bool:
    """Whether torch could not get the memory that it asked for."""
    return isinstance(error, MemoryError) or "allocate memory" in str(error)


def device(job: dict[str, Any]) -> torch.device:
    """Where a job's model runs."""
    gpu = job["accelerator"] == "cuda" and torch.cuda.is_available()
    return torch.device("cuda" if gpu else "cpu")


def _torchscript(artefact: bytes, job: dict[str, Any]) -> Program:
    module = torch.jit.load(  # type: ignore[no-untyped-call]
        io.BytesIO(artefact), map_location=device(job)
    ).eval()
    tensors = [*module.state_dict().values(), *_constants(module)]
    return Program(module, tensors, job["extra"]["shape"], branches=_branches(module))


def _branches(module: Any) -> bool:
    """Whether branches or loops are left when all is folded that does not depend on the input."""
    try:
        graph = torch.jit.freeze(module).inlined_graph
    except RuntimeError:
        return True  # What cannot be folded cannot be told.
    return any(len(graph.findAllNodes(kind, True)) > 0 for kind in ("prim::If", "prim::Loop"))


def _constants(module: Any) -> Iterator[Tensor]:
    """Tensors that were frozen into the code, where a count of weights would miss them."""
    graph = module.inlined_graph  # Its nodes are gone when it is.
    for node in graph.findAllNodes("prim::Constant", True):
        if node.hasAttribute("value") and node.kindOf("value") == "t":
            yield node.t("value")


def _exported(artefact: bytes, job: dict[str, Any]) -> Program:
    program = torch.export.load(io.BytesIO(artefact))
    if device(job).type != "cpu":
        program = import_module("torch.export.passes").move_to_device_pass(program, device(job))
    tensors = [value for value in program.constants.values() if isinstance(value, Tensor)]
    inputs = _placeholders(program)
    batch = inputs[0][0] if len(inputs) == 1 and inputs[0] and isinstance(inputs[0][0], int) else None
    described = {"inputs": [str(["n" if d is None else d for d in shape]) for shape in inputs[:_MOST_NAMED]]}
    values = [*program.state_dict.values(), *tensors]
    branches = any(isinstance(node.target, HigherOrderOperator) for node in program.graph.nodes)
    return Program(program.module(), values, job["extra"]["shape"], batch, branches, described)


def _placeholders(program: Any) -> list[list[int | None]]:
    """The shapes of a program's inputs, None for a dimension that it leaves open."""
    wanted = set(program.graph_signature.user_inputs)
    values = [n.meta.get("val") for n in program.graph.nodes if n.op == "placeholder" and n.name in wanted]
    return [[d if isinstance(d, int) else None for d in getattr(value, "shape", ())] for value in values]


def _zoo(artefact: bytes, job: dict[str, Any]) -> Program:
    try:
        network = weights.network_of(artefact)
        model = weights.restored(network, weights.tensors_of(artefact))
    except ValueError as error:
        raise Refused("unreadable", str(error)) from error
    described = {"architecture": network.architecture, "classes": network.classes}
    described |= {"size": network.size, "channels": network.channels}
    shape = [network.channels, network.size, network.size]
    return Program(model.to(device(job)), [*model.state_dict().values()], shape, facts=described)


_LOADERS = {
    torch_files.TORCHSCRIPT: _torchscript,
    torch_files.EXPORTED: _exported,
    torch_files.SAFETENSORS: _zoo,
}


def opened(artefact: bytes, job: dict[str, Any]) -> Program:
    """Load the file. Raises `Refused` with torch's reason."""
    container = torch_files.container(artefact)
    try:
        program = _LOADERS[container](artefact, job)
    except Refused:
        raise
    except Exception as error:
        if out_of_memory(error):
            raise MemoryError(str(error)) from error
        raise Refused("unreadable", f"torch does not load it: {said(error)}") from error
    program.facts |= {"container": container, "parameters": _numbers(program.tensors)}
    return program


def _numbers(tensors: list[Tensor]) -> int:
    """Numbers that were learned, running statistics among them, each once: whole ones are indices."""
    floats = {(t.data_ptr(), t.numel()): t.numel() for t in tensors if t.is_floating_point()}
    return sum(floats.values())


def outputs(raw: Any) -> Iterator[Tensor]:
    """The tensors of an answer in their order, from dictionaries, tuples and lists at any depth."""
    if isinstance(raw, Tensor):
        yield raw
    elif isinstance(raw, Mapping):
        for value in raw.values():
            yield from outputs(value)
    elif isinstance(raw, tuple | list):
        for value in raw:
            yield from outputs(value)


def _answer(program: Program, batch: Tensor) -> list[Tensor]:
    """The answer for a batch. Raises `Refused` when the program fails on it, or gives nothing."""
    try:
        with torch.no_grad():
            found = list(outputs(program.run(batch)))
    except Exception as error:
        if out_of_memory(error):
            raise MemoryError(str(error)) from error
        what = f"the model fails on a batch of shape {list(batch.shape)}: {said(error)}"
        raise Refused("wrong_input", what) from error
    if not found:
        raise Refused("bad_type", "an answer without a tensor")
    return found


def _whole(found: list[Tensor], rows: int) -> bool:
    return any(tensor.ndim > 0 and len(tensor) == rows for tensor in found)


def _examples(program: Program, job: dict[str, Any]) -> Tensor:
    """Made-up examples, 0..1, as many as the program's batch has."""
    generator = torch.Generator().manual_seed(0)
    return torch.rand(program.batch or _ROWS, *program.shape, generator=generator).to(device(job))


def _find_batch(program: Program, job: dict[str, Any]) -> list[Tensor]:
    """The answer for a few examples, one at a time where the program takes no more."""
    try:
        found = _answer(program, _examples(program, job))
        if program.batch is not None or _whole(found, _ROWS):
            return found
    except Refused:
        if program.batch is not None:
            raise
    program.batch = 1
    return _answer(program, _examples(program, job))


def _close(found: list[Tensor], again: list[Tensor]) -> bool:
    """Whether two answers are the same but for rounding."""
    if [t.shape for t in found] != [t.shape for t in again]:
        return False
    pairs = [(a, b) for a, b in zip(found, again, strict=True) if a.is_floating_point() and a.numel()]
    return all(torch.allclose(a, b, 0, _TOLERANCE * _scale(a), equal_nan=True) for a, b in pairs)


def _scale(values: Tensor) -> float:
    largest = float(values.abs().max())
    return largest if math.isfinite(largest) else 1.0


def _first(found: list[Tensor], rows: int) -> list[Tensor]:
    return [tensor[:1] for tensor in found if tensor.ndim > 0 and len(tensor) == rows]


def _independent(program: Program, examples: Tensor, found: list[Tensor]) -> bool:
    """Whether an example's answer stays the same when the others of its batch change."""
    others = torch.cat([examples[:1], 1 - examples[1:]])
    return _close(_first(found, len(examples)), _first(_answer(program, others), len(examples)))


def _products(program: Program, job: dict[str, Any]) -> dict[str, Any]:
    """Multiply-accumulates for one example: those of convolutions and products of matrices, and where in the
    program they are. None where another example may take another way through the program.
    """
    if program.branches:
        return {"macs": None}
    examples = _examples(program, job)
    batch = examples if program.batch else examples[:1]
    weights = {(t.data_ptr(), t.numel()) for t in program.tensors if t.is_floating_point()}
    with Products(weights if job.get("action") == "run" else ()) as products:
        _answer(program, batch)
    found = {"macs": products.count // len(batch)}
    return found | (
        {"breakdown": {"kinds": products.parts(len(batch))}} if job.get("action") == "run" else {}
    )


def tried(program: Program, job: dict[str, Any]) -> dict[str, Any]:
    """What shows when the program runs: what it gives, what that costs, and whether it is to be relied on."""
    found = _find_batch(program, job)
    examples = _examples(program, job)
    return {
        "batch": program.batch,
        "outputs": [f"{t.dtype} {list(t.shape)}".removeprefix("torch.") for t in found[:_MOST_NAMED]],
        **_products(program, job),
        "repeatable": _close(found, _answer(program, examples)),
        "independent": _independent(program, examples, found),
    }
