"""Runs the metric of a bundle on the ground truth and the predictions of one split.

The artefact is an npz file of `truth` and `predictions`; the metric's Python text comes with the job. The
interval is the bootstrap over examples: Efron and Tibshirani, An Introduction to the Bootstrap (1993).
"""

import io
import linecache
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from .faults import Refused

Values = np.ndarray[Any, np.dtype[Any]]
Score = Callable[[Values, Values], object]

_SEED = 20261123


def warm_up() -> None:
    """Pack and read an array, so that all that is imported late is imported."""
    buffer = io.BytesIO()
    np.savez(buffer, truth=np.zeros(1))
    np.load(io.BytesIO(buffer.getvalue()), allow_pickle=False)["truth"].sum()
    np.random.default_rng(_SEED).integers(0, 2, 2)


def inspect(artefact: bytes, job: dict[str, Any]) -> dict[str, Any]:
    """The metric's value, and its values on resamples of the examples."""
    told = job["extra"]
    with np.load(io.BytesIO(artefact), allow_pickle=False) as arrays:
        truth, predictions = arrays["truth"], arrays["predictions"]
    score = _defined(told["source"], told["file"])
    value = _number(score(truth.copy(), predictions.copy()))
    return {"value": value, "resampled": _resampled(score, truth, predictions, told)}


def _defined(source: str, file: str) -> Score:
    """The function `score` of the metric's file."""
    # So that a traceback shows the metric's own lines.
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    names: dict[str, Any] = {"__name__": "metric", "__file__": file}
    exec(compile(source, file, "exec"), names)  # noqa: S102 - this is what the box is for
    score = names.get("score")
    if not callable(score):
        raise Refused("unreadable", "no function score; expected score(truth, predictions)")
    found: Score = score
    return found


def _number(given: object) -> float:
    """What `score` gave, which must be a finite number."""
    if isinstance(given, bool) or not isinstance(given, int | float | np.integer | np.floating):
        raise Refused("bad_type", f"it returned {type(given).__name__}; expected a number")
    value = float(given)
    if not math.isfinite(value):
        raise Refused("not_finite", f"it returned {value}; expected a finite number")
    return value


def _resampled(score: Score, truth: Values, predictions: Values, told: dict[str, Any]) -> list[float]:
    """Values on resamples, fewer when the metric is slow; those on which it has none are left out."""
    generator = np.random.default_rng(_SEED)
    found: list[float] = []
    until = time.monotonic() + told["seconds"]
    for _ in range(told["resamples"]):
        rows = generator.integers(0, len(truth), len(truth))
        value = _value_or_none(score, truth[rows], predictions[rows])
        found += [] if value is None else [value]
        if len(found) >= told["fewest"] and time.monotonic() > until:
            break
    if len(found) < told["fewest"]:
        words = f"a number on only {len(found)} of {told['resamples']} resamples of the examples"
        raise Refused("not_finite", f"it gave {words}; expected at least {told['fewest']} for an interval")
    return found


def _value_or_none(score: Score, truth: Values, predictions: Values) -> float | None:
    """None where the metric is not defined, as where a resample lacks a class."""
    try:
        return _number(score(truth, predictions))
    except Exception:
        return None
