"""The score of a split: the challenge's metric, alone or several weighed, with its interval."""

import numpy as np

from challenges.manifest import LOWER_IS_BETTER, MetricName, Split, Task
from challenges.splits import Labels
from scoring import statistics
from scoring.formats.exam import Runner
from scoring.job import SplitScore
from scoring.kinds.kind import Predictions
from scoring.kinds.registry import KINDS


def of_split(split: Split, truth: Labels, predictions: Predictions, task: Task, run: Runner) -> SplitScore:
    """All metrics of one split, and the interval of the one that counts. Nothing is rounded.

    `predictions` are prepared. Raises ValueError where the metric is not defined on the split, which the
    self-test of a challenge finds.
    """
    kind = KINDS[task.kind]
    metrics = kind.metrics(truth, predictions, task)
    parts = task.weights or {task.metric: 1.0}
    _need(parts, metrics, split)
    value = sum(weight * metrics[name] for name, weight in parts.items())
    if task.weights:
        drawn = kind.resampled(task.weights, truth, predictions, task)
        weighed = np.stack([weight * drawn[name] for name, weight in task.weights.items()]).sum(axis=0)
        low, high = statistics.percentiles(weighed)
    else:
        low, high = kind.interval(task.metric, truth, predictions, task)
    return SplitScore(
        split=split,
        value=value,
        low=min(low, value),
        high=max(high, value),
        count=len(truth),
        metrics=metrics,
    )


def _need(parts: dict[MetricName, float], metrics: dict[MetricName, float], split: Split) -> None:
    missing = [name for name in parts if name not in metrics]
    if missing:
        raise ValueError(f"{', '.join(missing)} cannot be measured on the {split} split")


def best_value(task: Task) -> float:
    """What perfect predictions score."""
    if task.custom is not None:
        return task.custom.best
    parts = task.weights or {task.metric: 1.0}
    return sum(weight * (0.0 if name in LOWER_IS_BETTER else 1.0) for name, weight in parts.items())
