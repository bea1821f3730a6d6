"""Reads, loads and runs a program of torch: TorchScript, an archive of torch.export, or weights of the zoo.

A program is called with one batch, float32 [n, ...] as the challenge gives it, in eval mode and without
gradients. Of its answer, which may be a tensor, or a dictionary, tuple or list of them, the first
tensor counts that has the form of the task. TorchScript runs as it is; where torch.export baked in a size of
the batch, batches have that size.
"""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import answers, torch_programs
from .faults import Refused
from .inputs import Inputs
from .torch_programs import Program

_BATCH_VALUES = 2**20
_BATCH_ROWS = 64
_opened: dict[str, Program] = {}
"""The one program of the box's life, between `inspect` and `load`."""


def warm_up() -> None:
    """Run a small convolution and look at it as at a program that was handed in.

    TorchScript needs nothing more. What torch.export needs is left until an archive of it comes: it takes
    longer to import than torch itself, and as much memory once more.
    """
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    torch.backends.nnpack.set_flags(False)  # type: ignore[no-untyped-call]
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    model = torch.nn.Conv2d(1, 1, 3).eval()
    program = Program(model, list(model.state_dict().values()), [1, 8, 8])
    torch_programs.tried(program, {"accelerator": "none"})


def inspect(artefact: bytes, job: dict[str, Any]) -> dict[str, Any]:
    """What the file is, and what it gives for made-up examples."""
    torch.set_num_threads(job["threads"])
    program = torch_programs.opened(artefact, job)
    facts = program.facts | torch_programs.tried(program, job)
    _opened["program"] = program
    return facts


def load(artefact: bytes, job: dict[str, Any]) -> Program:
    """The program that was inspected."""
    return _opened.pop("program")


def _rows(program: Program, inputs: Inputs, job: dict[str, Any]) -> int:
    """Rows of a batch: what the program insists on, or else a number by the input's size alone."""
    if program.batch is not None:
        return program.batch
    return inputs.rows(max(1, min(_BATCH_ROWS, _BATCH_VALUES // int(np.prod(job["shape"])))))


def _array(tensor: Tensor) -> "np.ndarray[Any, np.dtype[Any]]":
    """An array of a tensor; floats of 16 bits become such of 32."""
    wide = tensor.float() if tensor.dtype in (torch.float16, torch.bfloat16) else tensor
    return np.asarray(wide.detach().cpu().numpy())


def _fitting(raw: Any, rows: int, job: dict[str, Any]) -> "np.ndarray[Any, np.dtype[Any]]":
    """The first tensor of an answer that has the task's form. Refuses by what is wrong with the first."""
    first: Refused | None = None
    for tensor in torch_programs.outputs(raw):
        try:
            return answers.fitted(_array(tensor), rows, job)
        except Refused as refused:
            first = first or refused
    raise first or Refused("bad_type", f"an answer of type {type(raw).__name__} without a tensor")


def predict(
    program: Program, inputs: Inputs, job: dict[str, Any]
) -> Iterator["np.ndarray[Any, np.dtype[Any]]"]:
    """Predictions [rows, ...] of each batch, without the rows that only fill it up."""
    size, place = _rows(program, inputs, job), torch_programs.device(job)
    with torch.no_grad():
        for batch, count in inputs.batches(size):
            raw = program.run(torch.from_numpy(np.array(batch)).to(place))
            yield _fitting(raw, size, job)[:count]
