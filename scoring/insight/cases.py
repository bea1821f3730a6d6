"""Examples worth looking at, by the kind of task: what is so, what was answered, and a picture."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from challenges.task import IGNORED
from scoring.insight.pictures import Picture
from scoring.insight.view import View
from scoring.job import Case

MOST = 12
_SURE = 0.5
"""Boxes of a lower score are not drawn; there are always some."""

_MOST_NAMED = 6


def _case(view: View, row: int, truth: str, predicted: str, **more: Any) -> Case:
    value = float(view.values[row])
    return Case(
        id=str(view.ids[row]),
        truth=truth,
        predicted=predicted,
        value=value if np.isfinite(value) else None,
        **more,
    )


def picture_of(view: View, row: int) -> Picture | None:
    """The example as a picture, where it is an image."""
    return None if view.images is None else Picture(view.images[row])


def _text(picture: Picture | None) -> str:
    return "" if picture is None else picture.text()


def classified(view: View, row: int) -> Case:
    """One classified example."""
    predicted = int(view.predictions[row].argmax())
    return _case(
        view,
        row,
        view.task.classes[int(view.truth[row])],
        view.task.classes[predicted],
        confidence=float(view.predictions[row, predicted]),
        picture=_text(picture_of(view, row)),
    )


def classification(view: View) -> list[Case]:
    """The most confident wrong answers."""
    wrong = np.flatnonzero(view.predictions.argmax(axis=1) != view.truth)
    sure = view.predictions[wrong].max(axis=1)
    return [classified(view, int(row)) for row in wrong[np.argsort(-sure, kind="stable")][:MOST]]


def _counted(classes: Iterable[int], names: list[str]) -> str:
    """As in `2 boot, 1 tent`."""
    counts = Counter(int(number) for number in classes)
    words = [f"{count} {names[number]}" for number, count in sorted(counts.items())]
    return ", ".join(words[:_MOST_NAMED]) + (" and more" if len(words) > _MOST_NAMED else "") or "nothing"


def detection(view: View) -> list[Case]:
    """The images with the worst boxes."""
    return [_detected(view, row) for row in view.worst(MOST)]


def _detected(view: View, row: int) -> Case:
    truth = view.truth[row][view.truth[row, :, 4] >= 0]
    found = view.predictions[row][view.predictions[row, :, 4] >= _SURE]
    picture = picture_of(view, row)
    if picture is not None:
        picture.boxes(truth[:, :4].tolist(), found[:, :4].tolist())
    names = view.task.classes
    return _case(
        view, row, _counted(truth[:, 4], names), _counted(found[:, 5], names), picture=_text(picture)
    )


def segmentation(view: View) -> list[Case]:
    """The images with the worst masks."""
    return [_segmented(view, row) for row in view.worst(MOST)]


def _segmented(view: View, row: int) -> Case:
    truth, predicted = view.truth[row], view.predictions[row].astype(np.uint8)
    picture = picture_of(view, row)
    if picture is not None:
        picture.masks(truth, predicted)
    shares = [_shares(mask, view.task.classes) for mask in (truth, predicted)]
    return _case(view, row, *shares, picture=_text(picture))


def _shares(mask: Any, names: list[str]) -> str:
    """As in `80 % background, 20 % tent`: the largest classes of a mask."""
    counts = np.bincount(mask[mask != IGNORED], minlength=len(names))
    largest = [number for number in np.argsort(-counts, kind="stable")[:_MOST_NAMED] if counts[number]]
    words = [f"{100 * counts[number] / counts.sum():.0f} % {names[number]}" for number in largest]
    return ", ".join(words) or "nothing that is scored"


def similarity(view: View) -> list[Case]:
    """The queries with the worst answers, each with the item of the gallery that came first."""
    return [_queried(view, row) for row in view.worst(MOST)]


def _queried(view: View, row: int) -> Case:
    likeness = view.predictions @ view.predictions[row]
    likeness[view.truth[:, 1] == 1] = -np.inf
    likeness[row] = -np.inf
    nearest = int(likeness.argmax())
    picture, other = picture_of(view, row), picture_of(view, nearest)
    if picture is not None and other is not None:
        picture.beside(other)
    return _case(
        view,
        row,
        f"identity {view.truth[row, 0]}",
        f"identity {view.truth[nearest, 0]} ({view.ids[nearest]})",
        confidence=float(likeness[nearest]),
        picture=_text(picture),
    )


def regression(view: View) -> list[Case]:
    """The largest errors."""
    return [
        _case(
            view,
            row,
            f"{float(view.truth[row]):.6g}",
            f"{float(view.predictions[row].reshape(-1)[0]):.6g}",
            picture=_text(picture_of(view, row)),
        )
        for row in view.worst(MOST)
    ]


def images(view: View) -> list[Case]:
    """Images that are not right: the one to be made on the left, the one that was made on the right."""
    return [_made(view, row) for row in view.worst(MOST)]


def _made(view: View, row: int) -> Case:
    wanted, given = view.truth[row], view.predictions[row]
    off = np.abs(wanted.astype(np.int16) - given)
    right = (off <= view.task.tolerance).mean()
    found = f"{100 * right:.0f} % of the values right, one off by {int(off.max())}"
    picture = Picture(wanted).beside(Picture(given))
    return _case(view, row, f"off by {view.task.tolerance} at most", found, picture=picture.text())


CASES: dict[str, Callable[[View], list[Case]]] = {
    "classification": classification,
    "detection": detection,
    "segmentation": segmentation,
    "similarity": similarity,
    "regression": regression,
    "images": images,
}
