"""Images: one made of each example, uint8 [n, channels, height, width].

An image is right when none of its values is off by more than the task's tolerance; one wrong row of pixels
makes it wrong, since whoever takes the images further relies on all of them.
"""

from collections.abc import Collection

import numpy as np

from challenges.manifest import Split
from challenges.splits import Labels
from challenges.task import MetricName, Task
from scoring import statistics
from scoring.job import Outcomes
from scoring.kinds.kind import Judgement, Predictions
from scoring.kinds.outcomes import packed
from scoring.learned import ClassScore
from scoring.statistics import Floats

_CHANCE = 0.05
_CHUNK = 512


def prepared(predictions: Predictions, task: Task) -> Predictions:
    """The images as they are."""
    return predictions


def _measured(truth: Labels, predictions: Predictions, task: Task) -> dict[MetricName, Floats]:
    """Whether each image is right, 1 or 0, and its mean absolute error in grey levels, [n] each.

    A part at a time: differences need twice the bytes of the images.
    """
    right, error = np.empty(len(truth)), np.empty(len(truth))
    for at in range(0, len(truth), _CHUNK):
        rows = slice(at, at + _CHUNK)
        off = np.abs(truth[rows].astype(np.int16) - predictions[rows]).reshape(len(truth[rows]), -1)
        right[rows], error[rows] = off.max(axis=1) <= task.tolerance, off.mean(axis=1)
    return {"images_right": right, "mae": error}


def metrics(truth: Labels, predictions: Predictions, task: Task) -> dict[MetricName, float]:
    """The share of right images, and the mean absolute error over all values."""
    return {name: float(each.mean()) for name, each in _measured(truth, predictions, task).items()}


def resampled(
    names: Collection[MetricName], truth: Labels, predictions: Predictions, task: Task
) -> dict[MetricName, Floats]:
    """Each metric on the same bootstrap resamples of the images, [resamples]."""
    measured = _measured(truth, predictions, task)
    return statistics.bootstrap(len(truth), {name: statistics.mean_of(measured[name]) for name in names})


def interval(metric: MetricName, truth: Labels, predictions: Predictions, task: Task) -> tuple[float, float]:
    """The 95 % interval of one metric: in closed form for a share, else by the bootstrap over images."""
    if metric == "images_right":
        right = _measured(truth, predictions, task)[metric]
        return statistics.wilson(int(right.sum()), len(right))
    return statistics.percentiles(resampled([metric], truth, predictions, task)[metric])


def outcomes(split: Split, truth: Labels, predictions: Predictions, task: Task) -> Outcomes:
    """1 for an image that is right, 0 for one that is not."""
    right = _measured(truth, predictions, task)["images_right"]
    return Outcomes(split=split, count=len(truth), values=packed(right, "<f4"))


def per_class(truth: Labels, predictions: Predictions, task: Task) -> list[ClassScore]:
    """There are no classes."""
    return []


def reference(truth: Labels, task: Task) -> Predictions:
    """The truth itself."""
    return truth.copy()


def guess(truth: Labels, task: Task, generator: np.random.Generator) -> Predictions:
    """The right images in a random order."""
    return generator.permutation(truth)


def chance(truth: Labels, predictions: Predictions, task: Task) -> Judgement:
    """Whether hardly any image is right."""
    value = metrics(truth, predictions, task)["images_right"]
    return Judgement(passed=value <= _CHANCE, found=f"{value:.4f} right", expected=f"at most {_CHANCE:g}")
