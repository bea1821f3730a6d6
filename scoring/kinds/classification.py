"""Classification: what a prediction is, the metrics, and what became of each example.

A prediction is a score for each class. Rows that are already distributions are taken as they
are; anything else is taken for logits and goes through a softmax.
"""

import base64
import zlib

import numpy as np
from numpy.typing import NDArray

from challenges.manifest import MetricName, Split
from scoring import statistics
from scoring.job import Outcomes, SplitScore
from scoring.statistics import Floats

Labels = NDArray[np.int64]

_CLIP = 1e-15
_ROUNDING = 1e-3


def probabilities(scores: NDArray[np.float32]) -> Floats:
    """Turn finite scores [n, classes] into probabilities [n, classes].

    The rows are taken for distributions when all of them are: no value below 0, and sums of 1
    within 0.001, which leaves room for 16-bit arithmetic.
    """
    values = scores.astype(np.float64)
    sums = values.sum(axis=1, keepdims=True)
    if (values >= 0).all() and (np.abs(sums - 1) <= _ROUNDING).all():
        return np.asarray(values / sums)
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def confusion_table(labels: Labels, predicted: Labels, classes: int) -> NDArray[np.int64]:
    """How often each true class (row) was predicted as each class (column)."""
    cells = np.bincount(labels * classes + predicted, minlength=classes * classes)
    return cells.reshape(classes, classes).astype(np.int64)


def _diagonal(tables: Floats) -> Floats:
    return np.asarray(np.diagonal(tables, axis1=-2, axis2=-1))


def _ratio(part: Floats, whole: Floats) -> Floats:
    """part / whole, and 0 where the whole is 0."""
    return np.asarray(np.divide(part, whole, out=np.zeros_like(part, dtype=np.float64), where=whole > 0))


def accuracy(tables: Floats) -> Floats:
    """Share of right predictions, for tables [..., classes, classes]."""
    return np.asarray(_diagonal(tables).sum(axis=-1) / tables.sum(axis=(-2, -1)))


def balanced_accuracy(tables: Floats) -> Floats:
    """Mean recall over the classes that occur."""
    truths = tables.sum(axis=-1)
    recalls = _ratio(_diagonal(tables).astype(np.float64), truths)
    return np.asarray(recalls.sum(axis=-1) / (truths > 0).sum(axis=-1))


def macro_f1(tables: Floats) -> Floats:
    """Mean over all classes of 2TP/(2TP+FP+FN), which is 0 for a class that never occurs at all."""
    hits = _diagonal(tables).astype(np.float64)
    named = tables.sum(axis=-1) + tables.sum(axis=-2)
    return np.asarray(_ratio(2 * hits, named).mean(axis=-1))


def losses(labels: Labels, probability: Floats) -> Floats:
    """Each example's negative log-likelihood, natural logarithm, probabilities clipped at 1e-15."""
    clipped = np.clip(probability, _CLIP, 1 - _CLIP)
    clipped /= clipped.sum(axis=1, keepdims=True)
    return np.asarray(-np.log(clipped[np.arange(len(labels)), labels]))


TABLE_METRICS = {"accuracy": accuracy, "balanced_accuracy": balanced_accuracy, "macro_f1": macro_f1}


def score(split: Split, labels: Labels, probability: Floats, metric: MetricName) -> SplitScore:
    """All metrics of one split, and the interval of the one that counts. Nothing is rounded."""
    table = confusion_table(labels, probability.argmax(axis=1), probability.shape[1]).astype(np.float64)
    loss = losses(labels, probability)
    metrics = {name: float(function(table)) for name, function in TABLE_METRICS.items()}
    metrics["log_loss"] = float(loss.mean())
    low, high = _interval(metric, table, loss)
    value = metrics[metric]
    return SplitScore(
        split=split,
        value=value,
        low=min(low, value),
        high=max(high, value),
        count=len(labels),
        metrics=metrics,
    )


def _interval(metric: MetricName, table: Floats, loss: Floats) -> tuple[float, float]:
    if metric == "accuracy":
        return statistics.wilson(int(table.trace()), int(table.sum()))
    if metric == "log_loss":
        return statistics.mean_interval(loss)
    return statistics.table_interval(table, TABLE_METRICS[metric])


def reference(labels: Labels, classes: int) -> Floats:
    """The predictions of somebody who knows the answers: probability 1 for each label."""
    return np.eye(classes)[labels]


def best_value(metric: MetricName) -> float:
    """What perfect predictions score."""
    return 0.0 if metric == "log_loss" else 1.0


def _packed(values: NDArray[np.generic]) -> str:
    return base64.b64encode(zlib.compress(values.tobytes())).decode("ascii")


def outcomes(split: Split, probability: Floats) -> Outcomes:
    """What was predicted for each example, and with what confidence, packed for the message."""
    predicted = probability.argmax(axis=1)
    confidence = probability[np.arange(len(predicted)), predicted]
    return Outcomes(
        split=split,
        count=len(predicted),
        predicted=_packed(predicted.astype("<i4")),
        confidence=_packed(confidence.astype("<f4")),
    )
