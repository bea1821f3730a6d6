"""Which detection finds which object: COCO's matching, for all images at once.

The protocol is that of `COCOeval.evaluateImg` in pycocotools (Lin et al., Microsoft COCO, ECCV 2014): in
each image and class, detections take their object in the order of their scores; of the objects that are
left and overlap enough, one that counts goes before one that is ignored, then the largest overlap wins,
then the last object. Crowds are ignored and may be found many times; their overlap is the share of the
detection that they cover. Libraries keep these matches to themselves, and every resample needs them.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.statistics import Floats

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

LEAST_OVERLAP = 0.5
"""No threshold is lower."""

_PAIRS_AT_ONCE = 2_000_000


class Truths(NamedTuple):
    """The objects of all images, in the order of image and class: `key` is image * classes + class."""

    key: Rows
    box: Floats
    crowd: Flags


class Detections(NamedTuple):
    """The boxes that were found in all images, in the order of image, class and falling score."""

    key: Rows
    box: Floats
    score: Floats


class Pairs(NamedTuple):
    """Every detection with every object of its image and class that it overlaps by half or more."""

    truths: Truths
    detections: Detections
    detection: Rows
    truth: Rows
    overlap: Floats


class Found(NamedTuple):
    """What became of the detections, [detections, thresholds], and which objects count, [objects].

    A detection is `true`, or false, or not `counted`: it found something that is ignored, or nothing and
    is of a size that is not asked for.
    """

    true: Flags
    counted: Flags
    objects: Flags


def truths_of(labels: NDArray[np.float32], classes: int) -> Truths:
    """The objects of ground truth [images, most, 6]; rows of class -1 fill up."""
    image, row = np.nonzero(labels[:, :, 4] >= 0)
    objects = labels[image, row].astype(np.float64)
    key = image * classes + objects[:, 4].astype(np.int64)
    order = np.argsort(key, kind="stable")
    return Truths(key[order], objects[order, :4], objects[order, 5] > 0)


def detections_of(predictions: NDArray[np.float32], classes: int) -> Detections:
    """The boxes of predictions [images, most, 6]; rows of a score of 0 or less fill up."""
    image, row = np.nonzero(predictions[:, :, 4] > 0)
    boxes = predictions[image, row].astype(np.float64)
    key = image * classes + boxes[:, 5].astype(np.int64)
    order = np.lexsort((-boxes[:, 4], key))
    return Detections(key[order], boxes[order, :4], boxes[order, 4])


def area(box: Floats) -> Floats:
    """Square pixels of boxes [n, 4]."""
    return np.asarray((box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]))


def overlaps(found: Floats, wanted: Floats, crowd: Flags) -> Floats:
    """Intersection over union of boxes [n, 4] with objects [n, 4]; over the found box's area for a crowd."""
    width = np.minimum(found[:, 2], wanted[:, 2]) - np.maximum(found[:, 0], wanted[:, 0])
    height = np.minimum(found[:, 3], wanted[:, 3]) - np.maximum(found[:, 1], wanted[:, 1])
    shared = np.where((width > 0) & (height > 0), width * height, 0.0)
    whole = np.where(crowd, area(found), area(found) + area(wanted) - shared)
    return np.divide(shared, whole, out=np.zeros_like(shared), where=shared > 0)


def pairs_of(truths: Truths, detections: Detections) -> Pairs:
    """All pairs that can match at some threshold; a bounded number of them is looked at at once."""
    first = np.searchsorted(truths.key, detections.key, side="left")
    many = np.searchsorted(truths.key, detections.key, side="right") - first
    parts: list[tuple[Rows, Rows, Floats]] = []
    for some in _portions(many):
        detection = np.repeat(some, many[some])
        truth = first[detection] + _places(detection)
        found = overlaps(detections.box[detection], truths.box[truth], truths.crowd[truth])
        near = found >= LEAST_OVERLAP
        parts.append((detection[near], truth[near], found[near]))
    empty = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    detection, truth, overlap = (np.concatenate(column) for column in zip(empty, *parts, strict=True))
    return Pairs(truths, detections, detection, truth, overlap)


def _portions(many: Rows) -> Iterator[Rows]:
    """The rows of `many` that are above 0, in portions whose sums are bounded."""
    rows = np.flatnonzero(many)
    portion = np.cumsum(many[rows]) // _PAIRS_AT_ONCE
    return iter(np.split(rows, np.flatnonzero(np.diff(portion)) + 1)) if rows.size else iter(())


def _places(groups: Rows) -> Rows:
    """For sorted group numbers, the place of each element within its group, from 0."""
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    sizes = np.diff(starts, append=len(groups))
    return np.arange(len(groups)) - np.repeat(starts, sizes)


def matched(pairs: Pairs, sizes: tuple[float, float], thresholds: Floats) -> Found:
    """Match at each threshold; objects whose area is not within `sizes`, square pixels, are ignored."""
    truths, detections = pairs.truths, pairs.detections
    ignored = truths.crowd | _outside(truths.box, sizes)
    true = np.zeros((len(detections.key), len(thresholds)), bool)
    done = np.zeros_like(true)
    taken = np.zeros((len(truths.key), len(thresholds)), bool)
    for step in _steps(pairs, ignored):
        found, wanted = pairs.detection[step], pairs.truth[step]
        free = ~taken[wanted] | truths.crowd[wanted, None]
        hit = (pairs.overlap[step, None] >= thresholds) & free & ~done[found]
        done[found] |= hit
        taken[wanted] |= hit
        true[found] |= hit & ~ignored[wanted, None]
    aside = np.where(done, ~true, _outside(detections.box, sizes)[:, None])
    return Found(true, ~aside, ~ignored)


def _outside(box: Floats, sizes: tuple[float, float]) -> Flags:
    found = area(box)
    return np.asarray((found < sizes[0]) | (found > sizes[1]))


def _steps(pairs: Pairs, ignored: Flags) -> Iterator[Rows]:
    """The pairs in the order in which they are tried, as many at once as cannot get into each other's way.

    A step holds at most one detection of each image and class: the first ones with their first choice,
    with their second choice, and so on, then the next ones.
    """
    if not pairs.detection.size:
        return
    order = np.lexsort((-pairs.truth, -pairs.overlap, ignored[pairs.truth], pairs.detection))
    choice = _places(pairs.detection[order])
    alone = pairs.detection[order][choice == 0]
    turn = np.repeat(
        _places(pairs.detections.key[alone]), np.diff(np.flatnonzero(choice == 0), append=len(order))
    )
    when = turn * (int(choice.max()) + 1) + choice
    together = np.argsort(when, kind="stable")
    yield from np.split(order[together], np.flatnonzero(np.diff(when[together])) + 1)
