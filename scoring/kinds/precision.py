"""Average precision of matched detections, for one or for many resamples of the images.

`COCOeval.accumulate` in pycocotools: precision at 101 recalls from 0 to 1, each the highest that is
reached at that recall or a higher one. Images that were drawn twice count twice, without another match.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.kinds.boxes import Flags, Found, Pairs, Rows
from scoring.kinds.resamples import Counts
from scoring.statistics import Floats

RECALLS: Floats = np.linspace(0.0, 1.0, 101)

Sums = NDArray[np.int64]


class Ranked(NamedTuple):
    """The detections of one class by falling score, ties in the order of images, and its objects' images."""

    image: Rows
    true: Flags
    counted: Flags
    objects: Rows


def ranked(pairs: Pairs, found: Found, classes: int) -> list[Ranked]:
    """One ranking for each class."""
    image, label = np.divmod(pairs.detections.key, classes)
    order = np.lexsort((-pairs.detections.score, label))
    detections = np.split(order, np.searchsorted(label[order], np.arange(1, classes)))
    holder, kind = np.divmod(pairs.truths.key[found.objects], classes)
    return [
        Ranked(image[rows], found.true[rows], found.counted[rows], holder[kind == number])
        for number, rows in enumerate(detections)
    ]


def average(rankings: list[Ranked], counts: Counts) -> Floats:
    """Average precision [resamples, thresholds, classes]; NaN where a class has no object to be found.

    `counts` [resamples, images] says how often each image is drawn. Boxes of one image that are equally
    sure of the same class keep their order, and copies of a box stand together.
    """
    return np.stack([_of_class(ranking, counts) for ranking in rankings], axis=-1)


def _of_class(ranking: Ranked, counts: Counts) -> Floats:
    objects = counts[:, ranking.objects].sum(axis=1, dtype=np.int64)
    least = _least(objects)
    weights = counts[:, ranking.image]
    seen = weights.cumsum(axis=1, dtype=np.int32)
    values = np.zeros((len(counts), ranking.true.shape[1]))
    for number, (true, counted) in enumerate(zip(ranking.true.T, ranking.counted.T, strict=True)):
        hits = np.flatnonzero(true)
        if not hits.size:
            continue
        before = seen[:, hits] - _skipped(weights, np.flatnonzero(~counted), hits)
        values[:, number] = _interpolated(weights[:, hits], before, least)
    values[objects == 0] = np.nan
    return values


def _skipped(weights: Counts, aside: Rows, hits: Rows) -> Counts:
    """The weight of the detections `aside`, few as a rule, that come before each hit, [resamples, hits]."""
    sums = np.zeros((len(weights), len(aside) + 1), np.int32)
    weights[:, aside].cumsum(axis=1, out=sums[:, 1:])
    return sums[:, np.searchsorted(aside, hits)]


def _least(objects: Sums) -> Sums:
    """How many objects must be found for each recall, [resamples, recalls], by division as COCO has it."""
    some = np.maximum(objects, 1)[:, None]
    least = np.ceil(RECALLS * some).astype(np.int64)
    least -= (least - 1) / some >= RECALLS
    least += least / some < RECALLS
    return np.maximum(least, 0)


def _interpolated(hits: Counts, seen: Counts, least: Sums) -> Floats:
    """The mean over the recalls of the best precision there, [resamples].

    `hits` are the weights of the true detections by falling score, `seen` the weight of all that count up
    to each of them. Between two true detections precision only falls, so no others are looked at.
    """
    resamples, many = hits.shape
    true = hits.cumsum(axis=1, dtype=np.int64)
    precision = np.zeros((resamples, many + 1))
    np.divide(true, seen, out=precision[:, :-1], where=seen > 0)
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    # One search for all rows: each row is lifted above everything in the row before it.
    rows = np.arange(resamples)[:, None]
    lift = rows * (max(int(least.max()), int(true.max())) + 1)
    spots = np.searchsorted((true + lift).ravel(), (least + lift).ravel()).reshape(least.shape) - rows * many
    return np.asarray(np.take_along_axis(best, spots, axis=1).mean(axis=1))
