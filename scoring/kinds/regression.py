"""Regression: a number for each example, float32 [n, 1]."""

from collections.abc import Callable, Collection

import numpy as np

from challenges.manifest import Split
from challenges.splits import Labels
from challenges.task import MetricName, Task
from scoring import statistics
from scoring.job import Outcomes
from scoring.kinds.kind import Judgement, Predictions
from scoring.kinds.outcomes import packed
from scoring.learned import ClassScore
from scoring.statistics import Floats, Rows

_CHANCE = 0.1
"""R² of a guess: below 0 in the mean, and hardly ever above this."""


def prepared(predictions: Predictions, task: Task) -> Floats:
    """The numbers, float64 [n]."""
    return predictions.reshape(-1).astype(np.float64)


def metrics(truth: Labels, predictions: Floats, task: Task) -> dict[MetricName, float]:
    """RMSE and MAE; R² where the truth varies, MAPE where no truth is 0."""
    every = np.arange(len(truth))[None, :]
    values = {name: float(measure(every)[0]) for name, measure in _measures(truth, predictions).items()}
    return {name: value for name, value in values.items() if np.isfinite(value)}


def _measures(truth: Labels, predictions: Floats) -> dict[MetricName, Callable[[Rows], Floats]]:
    """Each metric of drawn rows [resamples, n], NaN where it is not defined."""
    errors = predictions - truth
    squares, sizes = statistics.mean_of(errors**2), statistics.mean_of(np.abs(errors))
    # About the mean of all, or squares of large numbers would drown the variance in rounding.
    centred = truth - truth.mean()
    mean, second = statistics.mean_of(centred), statistics.mean_of(centred**2)

    def r2(drawn: Rows) -> Floats:
        variance = second(drawn) - mean(drawn) ** 2
        flat = variance <= 1e-12 * max(float((centred**2).max()), np.finfo(float).tiny)
        return np.where(flat, np.nan, 1 - squares(drawn) / np.where(flat, 1.0, variance))

    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.abs(errors) / np.abs(truth) if (truth != 0).all() else np.full(len(truth), np.nan)
    return {
        "rmse": lambda drawn: np.sqrt(squares(drawn)),
        "mae": sizes,
        "r2": r2,
        "mape": statistics.mean_of(relative),
    }


def resampled(
    names: Collection[MetricName], truth: Labels, predictions: Floats, task: Task
) -> dict[MetricName, Floats]:
    """Each metric on the same bootstrap resamples of the examples, [resamples]."""
    measures = _measures(truth, predictions)
    return statistics.bootstrap(len(truth), {name: measures[name] for name in names})


def interval(metric: MetricName, truth: Labels, predictions: Floats, task: Task) -> tuple[float, float]:
    """The 95 % interval of one metric, by the bootstrap over examples."""
    return statistics.percentiles(resampled([metric], truth, predictions, task)[metric])


def outcomes(split: Split, truth: Labels, predictions: Floats, task: Task) -> Outcomes:
    """Minus the absolute error of each example."""
    return Outcomes(split=split, count=len(truth), values=packed(-np.abs(predictions - truth), "<f4"))


def per_class(truth: Labels, predictions: Floats, task: Task) -> list[ClassScore]:
    """There are no classes."""
    return []


def reference(truth: Labels, task: Task) -> Predictions:
    """The truth itself. It stays float64, so that perfect predictions have an error of exactly 0."""
    return truth.reshape(-1, 1)


def guess(truth: Labels, task: Task, generator: np.random.Generator) -> Predictions:
    """The right numbers in a random order."""
    return generator.permutation(truth).reshape(-1, 1)


def chance(truth: Labels, predictions: Floats, task: Task) -> Judgement:
    """Whether R² is that of a guess."""
    value = metrics(truth, predictions, task).get("r2", 0.0)
    return Judgement(passed=value <= _CHANCE, found=f"R² of {value:.4f}", expected=f"at most {_CHANCE:g}")
