"""Segmentation: a class index for each pixel, uint8 [images, height, width].

Pixels whose truth is 255 are not scored. Metrics are made of pixels summed over all images; a class that
neither occurs nor is predicted there is left out of means, as torchmetrics has it.
"""

from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray

from challenges.manifest import Split
from challenges.task import IGNORED, MetricName, Task
from scoring import statistics
from scoring.job import Outcomes
from scoring.kinds.kind import Judgement, Predictions
from scoring.kinds.outcomes import packed
from scoring.kinds.resamples import counts, filled
from scoring.learned import ClassScore
from scoring.statistics import RESAMPLES, Floats
from scoring.verdicts import Rejected

Labels = NDArray[np.uint8]

_CHANCE = 0.05


def prepared(predictions: Predictions, task: Task) -> Predictions:
    """The masks as they are. Raises `Rejected` for a class that does not exist."""
    classes = len(task.classes)
    if predictions.size and int(predictions.max()) >= classes:
        raise _unknown(predictions, classes)
    return predictions


def _unknown(predictions: Predictions, classes: int) -> Rejected:
    wrong = predictions[predictions >= classes]
    fix = "give indices in the order of the challenge's classes, counted from 0"
    if (wrong == IGNORED).all():
        fix = f"{IGNORED} marks pixels of the truth that are not scored; give every pixel a class"
    return Rejected(
        "unknown_class",
        f"{len(wrong)} of {predictions.size} pixels of classes such as {int(wrong[0])}",
        f"0 to {classes - 1}",
        fix,
    )


def tallies(truth: Labels, predictions: Predictions, classes: int) -> Floats:
    """Pixels of each image by class, [images, 3, classes]: right ones, those of the truth, those predicted.

    They are what every metric here needs of the image's confusion table. A truth of 255 falls off the
    table's end, so ignored pixels need no mask; 16 bits hold the largest cell, 255 * 255 + 254.
    """
    found = np.zeros((len(truth), 3, classes))
    cells = classes * classes
    for row, (wanted, given) in enumerate(zip(truth, predictions, strict=True)):
        cell = wanted.ravel().astype(np.uint16) * np.uint16(classes) + given.ravel()
        table = np.bincount(cell, minlength=cells)[:cells].reshape(classes, classes)
        found[row] = table.diagonal(), table.sum(axis=1), table.sum(axis=0)
    return found


def _shares(part: Floats, whole: Floats) -> Floats:
    """part / whole, NaN where the whole is 0."""
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0))


def ious(sums: Floats) -> Floats:
    """Intersection over union of each class, of tallies [..., 3, classes]; NaN for an absent class."""
    hits, truths, named = np.moveaxis(sums, -2, 0)
    return _shares(hits, truths + named - hits)


def dices(sums: Floats) -> Floats:
    """Dice of each class: twice the intersection over the sum of both; NaN for an absent class."""
    hits, truths, named = np.moveaxis(sums, -2, 0)
    return _shares(2 * hits, truths + named)


def _mean(values: Floats) -> Floats:
    """The mean over the last axis of what is not NaN; NaN where nothing is left."""
    known = np.isfinite(values)
    return _shares(np.where(known, values, 0).sum(axis=-1), known.sum(axis=-1))


def _accuracy(sums: Floats) -> Floats:
    return _shares(sums[..., 0, :].sum(axis=-1), sums[..., 1, :].sum(axis=-1))


MEASURES: dict[MetricName, Callable[[Floats], Floats]] = {
    "miou": lambda sums: _mean(ious(sums)),
    "miou_foreground": lambda sums: _mean(ious(sums)[..., 1:]),
    "dice": lambda sums: _mean(dices(sums)),
    "pixel_accuracy": _accuracy,
}
"""Each metric of tallies [..., 3, classes]."""


def metrics(truth: Labels, predictions: Predictions, task: Task) -> dict[MetricName, float]:
    """Every metric; one that no scored pixel counts for is missing."""
    sums = tallies(truth, predictions, len(task.classes)).sum(axis=0)
    found = {name: float(measure(sums)) for name, measure in MEASURES.items()}
    return {name: value for name, value in found.items() if np.isfinite(value)}


def interval(metric: MetricName, truth: Labels, predictions: Predictions, task: Task) -> tuple[float, float]:
    """The 95 % interval by the bootstrap over images: pixels of one image are no independent examples."""
    return statistics.percentiles(resampled([metric], truth, predictions, task)[metric])


def resampled(
    names: Collection[MetricName], truth: Labels, predictions: Predictions, task: Task
) -> dict[MetricName, Floats]:
    """Each metric on the same resamples of the images; that of the split where one leaves it undefined."""
    found = tallies(truth, predictions, len(task.classes))
    flat = found.reshape(len(found), -1)
    sums = np.concatenate([drawn.astype(np.float64) @ flat for drawn in counts(len(flat), RESAMPLES)])
    sums = sums.reshape(-1, *found.shape[1:])
    whole = found.sum(axis=0)
    return {name: filled(MEASURES[name](sums), float(MEASURES[name](whole))) for name in names}


def outcomes(split: Split, truth: Labels, predictions: Predictions, task: Task) -> Outcomes:
    """Mean IoU of each image over the classes that it has or was given; NaN where no pixel is scored."""
    values = MEASURES["miou"](tallies(truth, predictions, len(task.classes)))
    return Outcomes(split=split, count=len(values), values=packed(values, "<f4"))


def per_class(truth: Labels, predictions: Predictions, task: Task) -> list[ClassScore]:
    """IoU and Dice of each class over the pixels of all images. The count is of images with the class."""
    found = tallies(truth, predictions, len(task.classes))
    sums = found.sum(axis=0)
    images = (found[:, 1] > 0).sum(axis=0)
    scores = {"iou": ious(sums), "dice": dices(sums)}
    return [
        ClassScore(
            name=name,
            count=int(images[number]),
            scores={key: _known(values[number]) for key, values in scores.items()},
        )
        for number, name in enumerate(task.classes)
    ]


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def reference(truth: Labels, task: Task) -> Predictions:
    """The truth itself, with class 0 where nothing is scored."""
    return np.where(truth == IGNORED, np.uint8(0), truth)


def guess(truth: Labels, task: Task, generator: np.random.Generator) -> Predictions:
    """A class at random for each pixel."""
    return generator.integers(0, len(task.classes), truth.shape, dtype=np.uint8)


def chance(truth: Labels, predictions: Predictions, task: Task) -> Judgement:
    """Whether mean IoU is that of pixels at random.

    With K classes, of which one has the share p of all pixels, a guess hits p/K of them and its union with
    the truth is p + 1/K - p/K. The bound is the mean of these over all classes, and 0.05.
    """
    classes = len(task.classes)
    sums = tallies(truth, predictions, classes).sum(axis=0)
    if not sums[1].any():
        return Judgement(passed=False, found="no pixel that is scored", expected="mean IoU of a guess")
    share = sums[1] / sums[1].sum()
    expected = float((share / classes / (share + (1 - share) / classes)).mean())
    value = float(MEASURES["miou"](sums))
    return Judgement(
        passed=value <= expected + _CHANCE,
        found=f"mean IoU {value:.4f}",
        expected=f"at most {expected:.4f} + {_CHANCE:g}: pixels at random, and a margin",
    )
