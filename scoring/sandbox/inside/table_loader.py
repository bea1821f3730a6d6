"""Reads predictions that were made elsewhere, as Parquet, npz or npy, and joins them with ids."""

import os
from collections.abc import Iterator
from typing import Any

# pyarrow's own allocator reserves more address space than a box has.
os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"

import numpy as np

from . import table_arrays, table_parquet, tables
from .faults import Refused
from .inputs import Inputs

Values = np.ndarray[Any, np.dtype[Any]]

_CHARACTER_BYTES = 4
_found: tables.Table | None = None
"""Read once in the life of a box, which serves one job."""


def warm_up() -> None:
    """Read a small file of the kind that needs a library."""
    table_parquet.warm_up()


def _structured(content: bytes, job: dict[str, Any]) -> tables.Table:
    """The predictions of an npy file: an array of records with an id and a prediction."""
    records = table_arrays.npy(content)
    fields = records.dtype.names or ()
    if sorted(fields) != ["id", "prediction"] or records.ndim != 1:
        found = f"an npy file of {records.dtype} {list(records.shape)}"
        raise Refused("unreadable", f"{found[:300]}; an array of records with id and prediction is asked for")
    return _arrays(records["id"], records["prediction"], job)


def _arrays(ids: Values, predictions: Values, job: dict[str, Any]) -> tables.Table:
    if ids.ndim != 1 or predictions.ndim < 1:
        found = f"ids of shape {list(ids.shape)} and predictions of shape {list(predictions.shape)}"
        raise Refused("bad_shape", found)
    return tables.dense(tables.text_ids(ids.tolist(), str(ids.dtype)), predictions, job)


def _read(artefact: bytes, job: dict[str, Any]) -> tuple[str, tables.Table]:
    """The name of the container, and what is in it."""
    if artefact.startswith(b"PAR1"):
        return "Parquet", table_parquet.read(artefact, job)
    if artefact.startswith(b"\x93NUMPY"):
        return "npy", _structured(artefact, job)
    arrays = table_arrays.npz(artefact, job["extra"]["room"])
    return "npz", _arrays(arrays["ids"], arrays["predictions"], job)


def inspect(artefact: bytes, job: dict[str, Any]) -> dict[str, Any]:
    """What the file holds; every prediction is looked at, unless it is going to be asked for anyhow."""
    global _found
    container, _found = _read(artefact, job)
    if job["action"] == "inspect":
        tables.check(_found, job)
    return {"container": container, "rows": len(_found.ids), "form": _found.form}


def load(artefact: bytes, job: dict[str, Any]) -> tables.Table:
    """The predictions that `inspect` has read."""
    return _found if _found is not None else _read(artefact, job)[1]


def predict(found: tables.Table, inputs: Inputs, job: dict[str, Any]) -> Iterator[Values]:
    """Predictions for the ids that are given as inputs: rows of UTF-32, as numpy stores text."""
    width = inputs.stored.shape[1] // _CHARACTER_BYTES
    ids = np.ascontiguousarray(inputs.stored).view(f"<U{width}")[:, 0].tolist()
    yield from tables.answers_of(found, tables.groups_of(ids, job["extra"]), job)
