"""Detection: boxes [images, 100, 6] of x0, y0, x1, y1 in pixels of the input, score and class.

A score of 0 or less fills up. The metrics are those of COCO (Lin et al., ECCV 2014), equal to what
pycocotools gives; averages are over the classes that have an object to be found.
"""

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from challenges.manifest import Split
from challenges.task import BOX_VALUES, MOST_BOXES, MetricName, Task
from scoring import statistics
from scoring.job import Outcomes
from scoring.kinds import precision
from scoring.kinds.boxes import Found, Pairs, detections_of, matched, pairs_of, truths_of
from scoring.kinds.kind import Judgement, Predictions
from scoring.kinds.outcomes import packed
from scoring.kinds.resamples import Counts, counts, filled
from scoring.learned import ClassScore
from scoring.statistics import Floats
from scoring.verdicts import Rejected

Labels = NDArray[np.float32]

RESAMPLES = 200
"""Fewer than elsewhere, as each one is a whole accumulation."""

IOUS: Floats = np.linspace(0.5, 0.95, 10)
_ALL = (0.0, 1e10)
_EVERY = tuple(range(10))
PARTS: dict[MetricName, tuple[tuple[float, float], tuple[int, ...]]] = {
    "ap": (_ALL, _EVERY),
    "ap50": (_ALL, (0,)),
    "ap75": (_ALL, (5,)),
    "ap_small": ((0.0, 32.0**2), _EVERY),
    "ap_medium": ((32.0**2, 96.0**2), _EVERY),
    "ap_large": ((96.0**2, 1e10), _EVERY),
}
"""Each metric's sizes of objects in square pixels, both ends within, and its thresholds among `IOUS`."""

_GUESSED = 10
_CHANCE = 0.05
_FORM = "x0, y0, x1, y1 in pixels of the input, score, class index from 0"


def prepared(predictions: Predictions, task: Task) -> Predictions:
    """The boxes, with zeros in the rows that fill up. Raises `Rejected` for boxes of another form.

    Boxes that reach over the border stay as they are: COCO doesn't clip them either, and a box a few pixels
    too large is only a little wrong.
    """
    real = predictions[:, :, 4] > 0
    boxes = predictions[real]
    if boxes.size:
        _check_classes(boxes, task)
        _check_corners(boxes)
        _check_scale(boxes, task)
    return np.where(real[:, :, None], predictions, np.float32(0))


def _check_classes(boxes: Predictions, task: Task) -> None:
    classes, found = len(task.classes), boxes[:, 5]
    wrong = (found < 0) | (found >= classes) | (found != np.floor(found))
    if not wrong.any():
        return
    fix = "give whole class indices, in the order of the challenge's classes"
    if found.min() >= 1 and found.max() == classes:
        fix = "count classes from 0; these look counted from 1"
    raise Rejected(
        "unknown_class",
        f"{int(wrong.sum())} of {len(boxes)} boxes of classes such as {found[wrong][0]:g}",
        f"a whole number from 0 to {classes - 1}",
        fix,
    )


def _check_corners(boxes: Predictions) -> None:
    wrong = (boxes[:, 2] < boxes[:, 0]) | (boxes[:, 3] < boxes[:, 1])
    if wrong.any():
        raise Rejected(
            "bad_shape",
            f"{int(wrong.sum())} of {len(boxes)} boxes end before they begin, such as {_words(boxes[wrong])}",
            f"{_FORM}; x0 <= x1 and y0 <= y1",
            "this looks like x, y, width, height: add x and y to get x1 and y1; "
            "if only a few boxes are so, give them a score of 0",
        )


def _check_scale(boxes: Predictions, task: Task) -> None:
    _, height, width = task.input.shape
    if min(height, width) > 2 and boxes[:, :4].min() >= 0 and boxes[:, :4].max() <= 1:
        raise Rejected(
            "bad_shape",
            f"all {len(boxes)} boxes lie within 0 and 1, such as {_words(boxes)}",
            f"{_FORM}; images are {width} x {height} pixels",
            f"these look normalised: multiply x by {width} and y by {height}",
        )
    x0, y0, x1, y1 = boxes[:, :4].T
    outside = (x0 >= width) | (y0 >= height) | (x1 <= 0) | (y1 <= 0)
    if outside.mean() > 0.5:
        raise Rejected(
            "bad_shape",
            f"{int(outside.sum())} of {len(boxes)} boxes lie wholly outside the image, "
            f"such as {_words(boxes[outside])}",
            f"{_FORM}; images are {width} x {height} pixels",
            "scale the boxes to the input that the model is given, in pixels",
        )


def _words(boxes: Predictions) -> str:
    """The corners of the first box."""
    return f"({', '.join(f'{value:g}' for value in boxes[0, :4])})"


def _pairs(truth: Labels, predictions: Predictions, task: Task) -> Pairs:
    classes = len(task.classes)
    return pairs_of(truths_of(truth, classes), detections_of(predictions, classes))


def _measured(
    names: Collection[MetricName], pairs: Pairs, task: Task, draws: Iterable[Counts]
) -> dict[MetricName, Floats]:
    """Each metric on each draw of the images, NaN where it is not defined. Matches once for each size."""
    drawn = list(draws)
    found: dict[MetricName, Floats] = {}
    for sizes in {PARTS[name][0] for name in names}:
        here = [name for name in names if PARTS[name][0] == sizes]
        chosen = sorted({number for name in here for number in PARTS[name][1]})
        ranked = precision.ranked(pairs, matched(pairs, sizes, IOUS[chosen]), len(task.classes))
        values = np.concatenate([precision.average(ranked, counts) for counts in drawn])
        for name in here:
            columns = [chosen.index(number) for number in PARTS[name][1]]
            found[name] = _mean(values[:, columns])
    return found


def _mean(values: Floats) -> Floats:
    """The mean of [resamples, thresholds, classes] over what is defined; NaN where nothing is."""
    known = np.isfinite(values)
    total = np.where(known, values, 0).sum(axis=(1, 2))
    many = known.sum(axis=(1, 2))
    return np.asarray(np.divide(total, many, out=np.full(len(values), np.nan), where=many > 0))


def _once(truth: Labels) -> list[Counts]:
    return [np.ones((1, len(truth)), np.int32)]


def metrics(truth: Labels, predictions: Predictions, task: Task) -> dict[MetricName, float]:
    """COCO's six average precisions; one that no object counts for is missing."""
    measured = _measured(list(PARTS), _pairs(truth, predictions, task), task, _once(truth))
    return {name: float(measured[name][0]) for name in PARTS if np.isfinite(measured[name][0])}


def interval(metric: MetricName, truth: Labels, predictions: Predictions, task: Task) -> tuple[float, float]:
    """The 95 % interval by the bootstrap over images, each of them matched once."""
    return statistics.percentiles(resampled([metric], truth, predictions, task)[metric])


def resampled(
    names: Collection[MetricName], truth: Labels, predictions: Predictions, task: Task
) -> dict[MetricName, Floats]:
    """Each metric on the same resamples of the images; that of the split where one leaves it undefined."""
    pairs = _pairs(truth, predictions, task)
    whole = _measured(names, pairs, task, _once(truth))
    drawn = _measured(names, pairs, task, counts(len(truth), RESAMPLES, len(pairs.detections.key)))
    return {name: filled(drawn[name], float(whole[name][0])) for name in names}


def outcomes(split: Split, truth: Labels, predictions: Predictions, task: Task) -> Outcomes:
    """F1 at IoU 0.50 of each image.

    Scores have no common scale, so the boxes that count are those above one score for the whole split:
    the one at which F1 over all images is highest. An image without an object and without such a box
    has 1.
    """
    pairs = _pairs(truth, predictions, task)
    found = matched(pairs, _ALL, IOUS[:1])
    images, classes = len(truth), len(task.classes)
    kept = _sure(pairs, found)
    image = pairs.detections.key // classes
    true = np.bincount(image[kept & found.true[:, 0]], minlength=images)
    named = np.bincount(image[kept & found.counted[:, 0]], minlength=images)
    objects = np.bincount(pairs.truths.key[found.objects] // classes, minlength=images)
    both = named + objects
    values = np.divide(2 * true, both, out=np.ones(images), where=both > 0)
    return Outcomes(split=split, count=images, values=packed(values, "<f4"))


def _sure(pairs: Pairs, found: Found) -> NDArray[np.bool_]:
    """The detections at or above the score of the best F1 over all images; all where nothing is found."""
    scores = pairs.detections.score
    if not found.true.any():
        return np.ones(len(scores), bool)
    order = np.argsort(-scores, kind="stable")
    true = found.true[order, 0].cumsum()
    named = found.counted[order, 0].cumsum()
    last = np.append(np.diff(scores[order]) != 0, True)
    f1 = np.where(last, 2 * true / (named + found.objects.sum()), 0)
    return np.asarray(scores >= scores[order][f1.argmax()])


def per_class(truth: Labels, predictions: Predictions, task: Task) -> list[ClassScore]:
    """AP and AP at IoU 0.50 of each class. The count is that of the images with an object to be found."""
    pairs = _pairs(truth, predictions, task)
    ranked = precision.ranked(pairs, matched(pairs, _ALL, IOUS), len(task.classes))
    values = precision.average(ranked, _once(truth)[0])[0]
    return [
        ClassScore(
            name=name,
            count=len(np.unique(ranked[number].objects)),
            scores={"ap": _known(values[:, number].mean()), "ap50": _known(values[0, number])},
        )
        for number, name in enumerate(task.classes)
    ]


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def reference(truth: Labels, task: Task) -> Predictions:
    """Every object with score 1, without crowds: COCO neither asks for them nor minds them."""
    found = np.zeros((len(truth), MOST_BOXES, BOX_VALUES), np.float32)
    for row, labels in enumerate(truth):
        objects = labels[(labels[:, 4] >= 0) & (labels[:, 5] == 0)][:MOST_BOXES]
        found[row, : len(objects), :4] = objects[:, :4]
        found[row, : len(objects), 4] = 1
        found[row, : len(objects), 5] = objects[:, 4]
    return found


def guess(truth: Labels, task: Task, generator: np.random.Generator) -> Predictions:
    """Ten boxes at random in each image, of random classes and scores."""
    _, height, width = task.input.shape
    found = np.zeros((len(truth), MOST_BOXES, BOX_VALUES), np.float32)
    corners = np.sort(generator.random((len(truth), _GUESSED, 2, 2)), axis=2) * (width, height)
    found[:, :_GUESSED, :4] = corners.reshape(len(truth), _GUESSED, 4)
    found[:, :_GUESSED, 4] = 1 - generator.random((len(truth), _GUESSED))
    found[:, :_GUESSED, 5] = generator.integers(0, len(task.classes), (len(truth), _GUESSED))
    return found


def chance(truth: Labels, predictions: Predictions, task: Task) -> Judgement:
    """Whether AP is that of boxes at random, which hardly ever overlap an object of their class by half."""
    value = metrics(truth, predictions, task).get("ap")
    expected = f"AP of at most {_CHANCE:g}"
    if value is None:
        return Judgement(passed=False, found="no object to be found", expected=expected)
    return Judgement(passed=value <= _CHANCE, found=f"AP {value:.4f}", expected=expected)
