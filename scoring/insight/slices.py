"""Parts of a split that a model may answer worse than others: thirds by what can be measured of examples."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from challenges.splits import Inputs
from challenges.task import IGNORED, TableInput
from scoring.insight.view import View
from scoring.learned import Slice

FEWEST = 5
"""A part of fewer examples is not told: its mean is chance."""

MOST_FEATURES = 5
_CHUNK = 512

Measures = NDArray[np.float64]


def of(view: View) -> list[Slice]:
    """The mean outcome of each third, by each measure that tells examples apart."""
    return [
        found for name, words, measure in _measures(view) for found in _thirds(view, name, words, measure)
    ]


def _measures(view: View) -> Iterator[tuple[str, tuple[str, str, str], Measures]]:
    """Names, words for the three thirds, and the measure of each example."""
    if isinstance(view.task.input, TableInput):
        yield from _features(view, view.task.input.features)
        return
    images = view.inputs
    yield "brightness", ("darkest", "middle", "brightest"), _by_image(images, lambda x: x.mean((1, 2, 3)))
    yield "contrast", ("flattest", "middle", "starkest"), _by_image(images, lambda x: x.std((1, 2, 3)))
    yield "sharpness", ("most blurred", "middle", "sharpest"), _by_image(images, _sharpness)
    if view.task.kind == "detection":
        yield "objects", ("fewest", "middle", "most"), (view.truth[:, :, 4] >= 0).sum(1).astype(float)
        yield "object size", ("smallest", "middle", "largest"), _box_size(view)
    if view.task.kind == "segmentation":
        scored = (view.truth != IGNORED).sum((1, 2))
        share = ((view.truth > 0) & (view.truth != IGNORED)).sum((1, 2)) / np.maximum(scored, 1)
        yield "foreground", ("least", "middle", "most"), share


def _by_image(images: Inputs, measure: Callable[[NDArray[np.float32]], Inputs]) -> Measures:
    """A number for each image; a part at a time, since all images as floats are four times as large."""
    parts = [images[at : at + _CHUNK].astype(np.float32) for at in range(0, len(images), _CHUNK)]
    return np.concatenate([measure(part) for part in parts]).astype(np.float64)


def _sharpness(images: NDArray[np.float32]) -> Inputs:
    """The mean step between neighbouring pixels, relative to the contrast."""
    grey = images.mean(1)
    steps = np.abs(np.diff(grey, axis=1)).mean((1, 2)) + np.abs(np.diff(grey, axis=2)).mean((1, 2))
    return np.asarray(steps / (grey.std((1, 2)) + 1))


def _box_size(view: View) -> Measures:
    """The mean area of an image's boxes; NaN without any."""
    boxes = view.truth.astype(np.float64)
    there = boxes[:, :, 4] >= 0
    areas = (boxes[:, :, 2] - boxes[:, :, 0]) * (boxes[:, :, 3] - boxes[:, :, 1])
    count = there.sum(1)
    total = np.where(there, areas, 0).sum(1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _features(view: View, names: list[str]) -> Iterator[tuple[str, tuple[str, str, str], Measures]]:
    """The features whose thirds differ most in their outcome."""
    columns = [view.inputs[:, place].astype(np.float64) for place in range(len(names))]
    spreads = [_spread(_thirds(view, "", ("", "", ""), column)) for column in columns]
    best = sorted(range(len(names)), key=lambda place: -spreads[place])[:MOST_FEATURES]
    for place in best:
        if spreads[place] > 0:
            yield names[place], ("lowest", "middle", "highest"), columns[place]


def _spread(found: list[Slice]) -> float:
    values = [part.value for part in found]
    return max(values) - min(values) if values else 0.0


def _thirds(view: View, name: str, words: tuple[str, str, str], measure: Measures) -> list[Slice]:
    """The thirds of a measure; none where it does not tell the examples apart."""
    known = np.isfinite(view.values) & np.isfinite(measure)
    if known.sum() < 3 * FEWEST:
        return []
    low, high = np.quantile(measure[known], [1 / 3, 2 / 3])
    parts = [measure < low, (measure >= low) & (measure <= high), measure > high]
    found = [
        Slice(name=f"{name}: {word}", count=int(rows.sum()), value=float(view.values[rows].mean()))
        for word, part in zip(words, parts, strict=True)
        if (rows := part & known).sum() >= FEWEST
    ]
    return found if len(found) > 1 else []
