"""Classification: what a prediction is, the metrics, and what became of each example.

A prediction is a score for each class. Rows that are already distributions are taken as they
are; anything else is taken for logits and goes through a softmax.
"""

from collections.abc import Callable, Collection
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from challenges.manifest import Split
from challenges.task import MetricName, Task
from scoring import statistics
from scoring.job import Outcomes
from scoring.kinds.kind import Judgement, Predictions
from scoring.kinds.outcomes import packed
from scoring.learned import ClassScore
from scoring.statistics import Floats

Labels = NDArray[np.int64]

_CLIP = 1e-15
_ROUNDING = 1e-3
_SIGMAS = 4.0
"""Chance leaves this margin about once in 16,000 times."""


def prepared(predictions: Predictions, task: Task) -> Floats:
    """Probabilities [n, classes] of finite scores."""
    return probabilities(predictions)


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


TABLE_METRICS: dict[MetricName, Callable[[Floats], Floats]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "macro_f1": macro_f1,
}


def among_first(truth: Labels, probability: Floats, k: int) -> Floats:
    """Whether the right class is among the k likeliest of each example, 1 or 0, [n].

    A class that is as likely counts as likelier, so that answering all alike is worth nothing.
    """
    own = probability[np.arange(len(truth)), truth][:, None]
    return np.asarray((probability >= own).sum(axis=1) <= k, dtype=np.float64)


class _Ranks:
    """One class's probabilities, sorted once, so that its area under the curve is quick on any weights."""

    def __init__(self, probability: Floats, positive: NDArray[np.bool_]) -> None:
        self._order = np.argsort(probability, kind="stable")
        sorted_values = probability[self._order]
        self._starts = np.flatnonzero(np.r_[True, sorted_values[1:] != sorted_values[:-1]])
        self._positive = positive[self._order]

    def area(self, weights: Floats) -> Floats:
        """The area for weights [resamples, n] of the examples; NaN where a side has no weight.

        The share of pairs of a positive and a negative that are in order, ties counted half: Hanley and
        McNeil, Radiology 143 (1982).
        """
        placed = weights[:, self._order]
        ups = np.add.reduceat(np.where(self._positive, placed, 0.0), self._starts, axis=1)
        downs = np.add.reduceat(np.where(self._positive, 0.0, placed), self._starts, axis=1)
        below = downs.cumsum(axis=1) - downs / 2
        pairs = ups.sum(axis=1) * downs.sum(axis=1)
        ordered = (ups * below).sum(axis=1)
        return np.asarray(np.divide(ordered, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0))


def areas(truth: Labels, probability: Floats) -> Callable[[Floats], Floats]:
    """The area under the ROC curve for weights [resamples, n]: that of class 1 where there are two, else
    the mean of one class against the rest, over the classes that occur and are not alone."""
    classes = range(probability.shape[1]) if probability.shape[1] > 2 else [1]
    there = [c for c in classes if 0 < (truth == c).sum() < len(truth)]
    ranks = [_Ranks(probability[:, c], truth == c) for c in there]

    def measure(weights: Floats) -> Floats:
        if not ranks:
            return np.full(len(weights), np.nan)
        found = np.stack([rank.area(weights) for rank in ranks])
        known = np.isfinite(found)
        total = np.where(known, found, 0.0).sum(axis=0)
        return np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan)

    return measure


def metrics(truth: Labels, predictions: Floats, task: Task) -> dict[MetricName, float]:
    """Every metric that is defined on these examples."""
    table = confusion_table(truth, predictions.argmax(axis=1), predictions.shape[1]).astype(np.float64)
    found: dict[MetricName, float] = {name: float(measure(table)) for name, measure in TABLE_METRICS.items()}
    found["log_loss"] = float(losses(truth, predictions).mean())
    if task.top_k < predictions.shape[1]:
        found["top_k"] = float(among_first(truth, predictions, task.top_k).mean())
    area = float(areas(truth, predictions)(np.ones((1, len(truth))))[0])
    return found | ({"roc_auc": area} if np.isfinite(area) else {})


def interval(metric: MetricName, truth: Labels, predictions: Floats, task: Task) -> tuple[float, float]:
    """The 95 % interval of one metric: closed form for shares, else by the bootstrap."""
    table = confusion_table(truth, predictions.argmax(axis=1), predictions.shape[1]).astype(np.float64)
    if metric == "accuracy":
        return statistics.wilson(int(table.trace()), int(table.sum()))
    if metric == "top_k":
        return statistics.wilson(int(among_first(truth, predictions, task.top_k).sum()), len(truth))
    if metric in TABLE_METRICS:
        return statistics.table_interval(table, TABLE_METRICS[metric])
    return statistics.percentiles(resampled([metric], truth, predictions, task)[metric])


def resampled(
    names: Collection[MetricName], truth: Labels, predictions: Floats, task: Task
) -> dict[MetricName, Floats]:
    """Each metric on the same bootstrap resamples of the examples, [resamples]."""
    measures = {name: _measure(name, truth, predictions, task) for name in names}
    return statistics.bootstrap(len(truth), measures, width=predictions.shape[1] ** 2)


def _measure(
    name: MetricName, truth: Labels, predictions: Floats, task: Task
) -> Callable[[statistics.Rows], Floats]:
    """A metric of drawn rows [resamples, n]."""
    if name == "log_loss":
        return statistics.mean_of(losses(truth, predictions))
    if name == "top_k":
        return statistics.mean_of(among_first(truth, predictions, task.top_k))
    if name == "roc_auc":
        measure = areas(truth, predictions)
        return lambda drawn: measure(_counted(drawn, len(truth)))
    classes = predictions.shape[1]
    cells = truth * classes + predictions.argmax(axis=1)
    return lambda drawn: TABLE_METRICS[name](
        _counted(cells[drawn], classes**2).reshape(len(drawn), classes, classes)
    )


def _counted(values: NDArray[np.int64], most: int) -> Floats:
    """How often each number below `most` comes in each row, [rows, most]."""
    places = values + most * np.arange(len(values))[:, None]
    return np.bincount(places.ravel(), minlength=most * len(values)).reshape(-1, most).astype(np.float64)


def outcomes(split: Split, truth: Labels, predictions: Floats, task: Task) -> Outcomes:
    """Right or wrong, and what was predicted with what confidence, for each example."""
    predicted = predictions.argmax(axis=1)
    confidence = predictions[np.arange(len(predicted)), predicted]
    return Outcomes(
        split=split,
        count=len(predicted),
        values=packed(predicted == truth, "<f4"),
        predicted=packed(predicted, "<i4"),
        confidence=packed(confidence, "<f4"),
    )


def per_class(truth: Labels, predictions: Floats, task: Task) -> list[ClassScore]:
    """Precision, recall and F1 of each class; 0 where a class was never predicted or never occurs."""
    table = confusion_table(truth, predictions.argmax(axis=1), len(task.classes)).astype(np.float64)
    hits, truths, named = _diagonal(table), table.sum(axis=1), table.sum(axis=0)
    found = {
        "precision": _ratio(hits, named),
        "recall": _ratio(hits, truths),
        "f1": _ratio(2 * hits, truths + named),
    }
    return [
        ClassScore(name=name, count=int(truths[row]), scores={k: float(v[row]) for k, v in found.items()})
        for row, name in enumerate(task.classes)
    ]


def reference(truth: Labels, task: Task) -> Floats:
    """The predictions of somebody who knows the answers: probability 1 for each label."""
    return np.eye(len(task.classes))[truth]


def guess(truth: Labels, task: Task, generator: np.random.Generator) -> Floats:
    """A class at random for each example."""
    return reference(generator.integers(0, len(task.classes), len(truth)), task)


def chance(truth: Labels, predictions: Floats, task: Task) -> Judgement:
    """Whether accuracy is that of a guess: 1/classes, and what the binomial leaves around it."""
    classes = len(task.classes)
    value = float((predictions.argmax(axis=1) == truth).mean())
    margin = _SIGMAS * sqrt((1 / classes) * (1 - 1 / classes) / len(truth))
    return Judgement(
        passed=abs(value - 1 / classes) <= margin,
        found=f"accuracy {value:.4f}",
        expected=f"{1 / classes:.4f} ± {margin:.4f}: chance, and {_SIGMAS:g} standard errors",
    )
