"""What a model gives for a batch, put into the one form that its kind of task has.

`rows` is the number of examples of the batch. Each function refuses what has another form, in words
that the model's author understands.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .faults import Refused

Values = np.ndarray[Any, np.dtype[Any]]

_WHITE = 255
_FLOATS = (np.float32, np.float64)


def _floats(raw: Any) -> Values:
    if not isinstance(raw, np.ndarray) or raw.dtype not in _FLOATS:
        kind = raw.dtype if isinstance(raw, np.ndarray) else type(raw).__name__
        raise Refused("bad_type", f"an output of {kind}")
    return raw


def _bad_shape(raw: Values, rows: int) -> Refused:
    return Refused("bad_shape", f"an output of shape {list(raw.shape)} for a batch of {rows}")


def _finite(values: Values) -> Values:
    bad = int((~np.isfinite(values)).reshape(len(values), -1).any(axis=1).sum())
    if bad:
        raise Refused("not_finite", f"{bad} of {len(values)} examples of a batch with NaN or infinity")
    return values


def classification(raw: Any, rows: int, job: dict[str, Any]) -> Values:
    """Scores [rows, classes]."""
    scores = _floats(raw)
    if scores.shape != (rows, len(job["classes"])):
        raise _bad_shape(scores, rows)
    return scores


def detection(raw: Any, rows: int, job: dict[str, Any]) -> Values:
    """Boxes [rows, most, 6]: of any number of boxes the most confident, filled up with zeros."""
    most, width = job["output_shape"]
    boxes = _floats(raw)
    if boxes.ndim != 3 or len(boxes) != rows or boxes.shape[2] != width:
        raise _bad_shape(boxes, rows)
    best = np.argsort(-_finite(boxes)[:, :, 4], axis=1, kind="stable")[:, :most]
    kept = np.take_along_axis(boxes, best[:, :, None], axis=1)
    return np.pad(kept, ((0, 0), (0, most - kept.shape[1]), (0, 0)))


def segmentation(raw: Any, rows: int, job: dict[str, Any]) -> Values:
    """Class indices [rows, height, width], from a score for each class and pixel or from indices."""
    height, width = job["output_shape"]
    classes = len(job["classes"])
    if isinstance(raw, np.ndarray) and raw.dtype.kind in "iu":
        if raw.shape != (rows, height, width):
            raise _bad_shape(raw, rows)
        if raw.size and (raw.min() < 0 or raw.max() >= classes):
            found = f"pixels of the classes {int(raw.min())} to {int(raw.max())}, with {classes} classes"
            raise Refused("unknown_class", found)
        return raw
    scores = _floats(raw)
    if scores.shape != (rows, classes, height, width):
        raise _bad_shape(scores, rows)
    return np.asarray(_finite(scores).argmax(axis=1))


def similarity(raw: Any, rows: int, job: dict[str, Any]) -> Values:
    """Embeddings [rows, size]: shorter ones filled with zeros, which no angle between two depends on."""
    size = job["output_shape"][0]
    embeddings = _floats(raw)
    if embeddings.ndim != 2 or len(embeddings) != rows or not 1 <= embeddings.shape[1] <= size:
        raise _bad_shape(embeddings, rows)
    return np.pad(embeddings, ((0, 0), (0, size - embeddings.shape[1])))


def regression(raw: Any, rows: int, job: dict[str, Any]) -> Values:
    """Numbers [rows, 1], given as such or as [rows]."""
    numbers = _floats(raw)
    if numbers.shape not in ((rows,), (rows, 1)):
        raise _bad_shape(numbers, rows)
    return numbers.reshape(rows, 1)


def images(raw: Any, rows: int, job: dict[str, Any]) -> Values:
    """Images [rows, channels, height, width] of whole grey levels, from integers or from floats."""
    levels = raw if isinstance(raw, np.ndarray) and raw.dtype.kind in "iu" else _finite_floats(raw)
    if levels.shape != (rows, *job["output_shape"]):
        raise _bad_shape(levels, rows)
    whole = np.rint(levels)
    if whole.size and (whole.min() < 0 or whole.max() > _WHITE):
        raise Refused("bad_type", f"values from {levels.min():g} to {levels.max():g}")
    return np.asarray(whole.astype(np.uint8))


def _finite_floats(raw: Any) -> Values:
    values = _floats(raw)
    return _finite(values) if values.ndim else values


FORMS: dict[str, Callable[[Any, int, dict[str, Any]], Values]] = {
    "classification": classification,
    "detection": detection,
    "segmentation": segmentation,
    "similarity": similarity,
    "regression": regression,
    "images": images,
}


def fitted(raw: Any, rows: int, job: dict[str, Any]) -> Values:
    """The answer for a batch in the form of the task's kind. Raises `Refused`."""
    return FORMS[job["kind"]](raw, rows, job)
