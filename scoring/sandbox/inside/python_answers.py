"""What Python code gives for a batch: arrays, tensors or lists, turned into the kind's one form."""

import io
import os
import sys
from typing import Any

import numpy as np
import threadpoolctl

from . import answers
from .faults import Refused

BATCH_ROWS = 64
_BATCH_VALUES = 2**20

Values = np.ndarray[Any, np.dtype[Any]]


def batch_rows(job: dict[str, Any]) -> int:
    """Rows of a batch: a number that depends on the input's size alone."""
    return int(max(1, min(BATCH_ROWS, _BATCH_VALUES // int(np.prod(job["shape"])))))


def allow_threads(count: int) -> None:
    """Let libraries of numbers use as many threads as the job may, those that are imported later too."""
    for name in ("MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(count)
    threadpoolctl.threadpool_limits(count)


def print_at_once() -> None:
    """Send each line to the log as it is printed: a box may be killed at any time."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True, errors="backslashreplace")


def _array(raw: Any) -> Values:
    """An array of numbers, of a tensor or of lists; a tensor of 16 bits becomes one of 32."""
    if hasattr(raw, "detach"):
        tensor = raw.detach().cpu()
        raw = (tensor.float() if tensor.is_floating_point() else tensor).numpy()
    try:
        found = np.asarray(raw)
    except ValueError as error:
        raise Refused("bad_type", f"a {type(raw).__name__} that makes no array: {error}") from error
    if found.dtype.kind not in "biuf":
        kind = type(raw).__name__ if found.ndim == 0 else f"values of {found.dtype}"
        raise Refused("bad_type", f"predict gave {kind}")
    return found


def _weights(indices: Values, classes: int) -> Values:
    """All the weight of each row on the class that it names."""
    if indices.size and not 0 <= indices.min() <= indices.max() < classes:
        found = f"classes {int(indices.min())} to {int(indices.max())}, with {classes} classes from 0"
        raise Refused("unknown_class", found)
    return np.eye(classes, dtype=np.float32)[indices]


def fitted(raw: Any, rows: int, job: dict[str, Any]) -> Values:
    """The answer for a batch in the form of the task's kind. Raises `Refused`.

    For classification a class index for each row will do, as scikit-learn's `predict` gives them.
    """
    found = _array(raw)
    whole = found.dtype.kind in "biu"
    if job["kind"] == "classification" and whole and found.shape == (rows,):
        found = _weights(found.astype(np.int64), len(job["classes"]))
    elif job["kind"] != "segmentation" or not whole:
        found = found.astype(np.float64 if found.dtype.itemsize > 4 else np.float32)
    return answers.fitted(found, rows, job)
