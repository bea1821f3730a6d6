"""Reads, loads and runs a scikit-learn model from skops, pickle or joblib."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import joblib
import numpy as np
import skops.io
from sklearn.linear_model import LogisticRegression
from skops.io.exceptions import UntrustedTypesFoundException

from . import answers, pickle_names
from .faults import Refused
from .inputs import Inputs

ALSO_TRUSTED = (
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
)
"""Types besides those that skops trusts: forests and boosted trees need them. A crafted tree can
make the interpreter read out of bounds, which only the sandbox holds; nothing else is added."""

_BATCH_ROWS = 256
_MOST_ENTRIES = 10_000
_MOST_UNPACKED = 512 * 2**20
_MOST_NAMED = 50


def warm_up() -> None:
    """Fit, save, read and run a small model, so that all that is imported late is imported."""
    model = LogisticRegression().fit(np.array([[0.0], [1.0]], np.float32), [0, 1])
    data = skops.io.dumps(model)
    skops.io.get_untrusted_types(data=data)
    skops.io.loads(data, trusted=list(ALSO_TRUSTED)).predict_proba(np.zeros((2, 1), np.float32))
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    joblib.load(io.BytesIO(buffer.getvalue()))


def _is_zip(artefact: bytes) -> bool:
    return artefact[:4] == b"PK\x03\x04"


def _checked_zip(artefact: bytes) -> None:
    """Refuse a zip that is no skops file, or one that would unpack to far more than it is."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(artefact)).infolist()
    except (zipfile.BadZipFile, ValueError) as error:
        raise Refused("unreadable", f"a zip file that does not open: {error}") from error
    names = [entry.filename for entry in entries]
    if "schema.json" not in names:
        torch = any(name.endswith("data.pkl") for name in names)
        raise Refused("unknown_format", "a PyTorch file" if torch else "a zip file without a schema.json")
    if len(names) > _MOST_ENTRIES or len(set(names)) != len(names):
        raise Refused("unsafe_file", f"a zip of {len(names)} entries, {len(set(names))} of them distinct")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > _MOST_UNPACKED:
        raise Refused("unsafe_file", f"a zip that unpacks to {unpacked:,} bytes")


def _untrusted(artefact: bytes) -> list[str]:
    """Types in a skops file that we do not load."""
    try:
        types = skops.io.get_untrusted_types(data=artefact)
    except Exception as error:
        raise Refused("unreadable", f"a skops file that does not read: {error}") from error
    return sorted(set(types) - set(ALSO_TRUSTED))[:_MOST_NAMED]


def _unpacked(artefact: bytes) -> bytes:
    """The pickle in a file that joblib may have compressed with zlib, its default; else as it is."""
    if artefact[:1] != b"\x78":
        return artefact
    try:
        return zlib.decompressobj().decompress(artefact, _MOST_UNPACKED)
    except zlib.error as error:
        raise Refused("unreadable", f"a compressed file that does not unpack: {error}") from error


def inspect(artefact: bytes, job: dict[str, Any]) -> dict[str, Any]:
    """What the file says of itself. A pickle is read, never loaded."""
    if not _is_zip(artefact):
        return {
            "container": "pickle",
            "untrusted": [],
            "globals": pickle_names.read(_unpacked(artefact))[:_MOST_NAMED],
        }
    _checked_zip(artefact)
    return {"container": "skops", "untrusted": _untrusted(artefact), "globals": []}


def load(artefact: bytes, job: dict[str, Any]) -> Any:
    """The fitted model. A pickle runs whatever it likes here: this is what the box is for."""
    if not _is_zip(artefact):
        return joblib.load(io.BytesIO(artefact))
    try:
        return skops.io.loads(artefact, trusted=list(ALSO_TRUSTED))
    except UntrustedTypesFoundException as error:
        raise Refused("unsafe_file", str(error)) from error


def _columns(known: list[Any], classes: list[str]) -> list[int]:
    """For each label that the model knows, a class's name or its index, that index."""
    names = {name: index for index, name in enumerate(classes)}
    columns = [names.get(c, -1) if isinstance(c, str) else int(c) for c in known]
    strange = [str(c) for c, column in zip(known, columns, strict=True) if not 0 <= column < len(classes)]
    if strange:
        raise Refused("unknown_class", f"a model fitted on the labels {', '.join(strange[:5])}")
    return columns


def _softmax(values: "np.ndarray[Any, np.dtype[Any]]") -> "np.ndarray[Any, np.dtype[Any]]":
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _decided(model: Any, batch: Any) -> "np.ndarray[Any, np.dtype[Any]]":
    """Softmax of the decision function; for two classes, it is one number a row."""
    values = np.asarray(model.decision_function(batch), dtype=np.float64)
    return _softmax(np.stack([np.zeros_like(values), values], axis=1) if values.ndim == 1 else values)


def _labelled(model: Any, batch: Any, known: list[Any]) -> "np.ndarray[Any, np.dtype[Any]]":
    """All the weight on the label that the model names."""
    labels = np.asarray(model.predict(batch))
    if labels.ndim != 1:
        raise Refused("bad_shape", f"predictions of shape {list(labels.shape)}")
    return np.asarray(labels[:, None] == np.asarray(known)[None, :], dtype=np.float64)


def _scores(model: Any, batch: Any, known: list[Any]) -> "np.ndarray[Any, np.dtype[Any]]":
    """A weight for each label that the model knows, by the best of its methods."""
    if hasattr(model, "predict_proba"):
        return np.asarray(model.predict_proba(batch), dtype=np.float64)
    if hasattr(model, "decision_function"):
        return _decided(model, batch)
    if hasattr(model, "predict"):
        return _labelled(model, batch, known)
    raise Refused("bad_type", f"a {type(model).__name__}, which has no predict")


def _classified(
    model: Any, inputs: Inputs, job: dict[str, Any]
) -> Iterator["np.ndarray[Any, np.dtype[Any]]"]:
    """Probabilities [rows, classes]; a class that the model has never seen gets no weight."""
    known = list(getattr(model, "classes_", range(len(job["classes"]))))
    columns = _columns(known, job["classes"])
    size = inputs.rows(_BATCH_ROWS)
    for batch, count in inputs.batches(size):
        scores = _scores(model, batch.reshape(size, -1), known)
        if scores.shape != (size, len(columns)):
            raise Refused("bad_shape", f"scores of shape {list(scores.shape)} for {len(columns)} classes")
        placed = np.zeros((size, len(job["classes"])))
        placed[:, columns] = scores
        yield placed[:count]


def _transformed(
    model: Any, inputs: Inputs, job: dict[str, Any]
) -> Iterator["np.ndarray[Any, np.dtype[Any]]"]:
    """What `predict`, or for similarity `transform`, gives."""
    name = "transform" if job["kind"] == "similarity" and hasattr(model, "transform") else "predict"
    if not hasattr(model, name):
        raise Refused("bad_type", f"a {type(model).__name__}, which has no {name}")
    size = inputs.rows(_BATCH_ROWS)
    for batch, count in inputs.batches(size):
        given = getattr(model, name)(batch.reshape(size, -1))
        values = np.asarray(given, dtype=np.float64) if job["kind"] != "segmentation" else np.asarray(given)
        yield answers.fitted(values, size, job)[:count]


def predict(model: Any, inputs: Inputs, job: dict[str, Any]) -> Iterator["np.ndarray[Any, np.dtype[Any]]"]:
    """Predictions for each batch of flat examples [rows, values]."""
    if job["kind"] == "classification":
        return _classified(model, inputs, job)
    return _transformed(model, inputs, job)
