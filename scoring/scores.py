"""The score of a split: the challenge's metric, alone or several weighed, with its interval."""

import numpy as np

from challenges.manifest import Split
from challenges.splits import Labels
from challenges.task import LOWER_IS_BETTER, MetricName, Task
from scoring import custom, statistics
from scoring.formats.exam import Runner
from scoring.job import SplitScore
from scoring.kinds.kind import Predictions
from scoring.kinds.registry import KINDS


def of_split(split: Split, truth: Labels, predictions: Predictions, task: Task, run: Runner) -> SplitScore:
    """All metrics of one split, and the interval of the one that counts. Nothing is rounded.

    `predictions` are prepared. `run` gives a box to a metric that the bundle brings. Raises ValueError
    where the metric is not defined on the split, `custom.MetricFault` where the bundle's own one fails:
    both are the challenge's fault, and its self-test finds them.
    """
    metrics = KINDS[task.kind].metrics(truth, predictions, task)
    if task.custom is not None:
        value, low, high = custom.measured(split, truth, predictions, task.custom, run)
    else:
        value, low, high = _measured(split, truth, predictions, task, metrics)
    return SplitScore(
        split=split,
        value=value,
        low=min(low, value),
        high=max(high, value),
        count=len(truth),
        metrics=metrics,
    )


def _measured(
    split: Split, truth: Labels, predictions: Predictions, task: Task, metrics: dict[MetricName, float]
) -> tuple[float, float, float]:
    """A metric of the kind, or several weighed: value and 95 % interval."""
    kind = KINDS[task.kind]
    parts = task.weights or {task.metric: 1.0}
    _need(parts, metrics, split)
    value = sum(weight * metrics[name] for name, weight in parts.items())
    if not task.weights:
        return value, *kind.interval(task.metric, truth, predictions, task)
    drawn = kind.resampled(parts, truth, predictions, task)
    weighed = np.stack([weight * drawn[name] for name, weight in parts.items()]).sum(axis=0)
    return value, *statistics.percentiles(weighed)


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
