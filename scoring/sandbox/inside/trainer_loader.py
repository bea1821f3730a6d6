"""Runs a data challenge's trainer on the data that a team chose, and lets what it trained answer.

The artefact is an npz of `inputs` and `labels`, the examples that are left, in the order in which they are
given. `train(inputs, labels, seed)` gets the inputs as a model receives them, float32 with images in 0..1,
and labels as class indices, int64, or as numbers, float64. What it returns has `predict(batch)`.
"""

import io
import linecache
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np

from . import python_answers
from .inputs import Inputs

_NAME = "trainer.py"


def warm_up() -> None:
    """Import nothing of weight: a trainer brings in what it needs itself."""
    python_answers.allow_threads(1)
    python_answers.fitted([[0.0]], 1, {"kind": "regression"})
    np.load(io.BytesIO(_packed(np.zeros(1))), allow_pickle=False)["x"]


def _packed(array: "np.ndarray[Any, np.dtype[Any]]") -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, x=array)
    return buffer.getvalue()


def inspect(artefact: bytes, job: dict[str, Any]) -> dict[str, Any]:
    """Nothing to tell: the file of a team is read before, and this is what became of it."""
    return {}


def _module(source: str) -> ModuleType:
    """The trainer as a module, whose lines a traceback shows."""
    module = ModuleType("trainer")
    sys.modules[module.__name__] = module
    linecache.cache[_NAME] = (len(source), None, source.splitlines(keepends=True), _NAME)
    exec(compile(source, _NAME, "exec"), module.__dict__)  # noqa: S102 - the organizers' own code, in a box
    return module


def _as_received(inputs: "np.ndarray[Any, np.dtype[Any]]") -> "np.ndarray[Any, np.dtype[np.float32]]":
    if inputs.dtype == np.uint8:
        return inputs.astype(np.float32) / np.float32(255)
    return inputs.astype(np.float32)


def load(artefact: bytes, job: dict[str, Any]) -> Any:
    """Train."""
    python_answers.allow_threads(job["threads"])
    python_answers.print_at_once()
    with np.load(io.BytesIO(artefact), allow_pickle=False) as arrays:
        inputs, labels = _as_received(arrays["inputs"]), arrays["labels"]
    extra = job["extra"]
    return _module(extra["source"]).train(inputs, labels, extra["seed"])


def predict(model: Any, inputs: Inputs, job: dict[str, Any]) -> Iterator["np.ndarray[Any, np.dtype[Any]]"]:
    """Predictions [rows, ...] of each batch, without the rows that only fill it up."""
    size = inputs.rows(python_answers.batch_rows(job))
    for batch, count in inputs.batches(size):
        yield python_answers.fitted(model.predict(np.array(batch)), size, job)[:count]
