"""Examples worth looking at, by the kind of task: what is so, what was answered, and a picture."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from challenges.task import IGNORED
from scoring.insight import neighbours, notes
from scoring.insight.pictures import PREDICTION, TRUTH, Picture
from scoring.insight.view import View
from scoring.learned import Case

MOST = 12
FURTHER = 24
"""How many come after these, for a comparison with another submission, as long as there is room."""

_SURE = 0.5
"""Boxes of a lower score are not drawn; there are always some."""

_MOST_NAMED = 6
_MOST_BOXES = 30
"""Predicted boxes that are drawn, the surest: more would hide the picture."""


def _case(view: View, row: int, truth: str, predicted: str, **more: Any) -> Case:
    value = float(view.values[row])
    return Case(
        id=str(view.ids[row]),
        truth=truth,
        predicted=predicted,
        value=value if np.isfinite(value) else None,
        row=row,
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
        notes=notes.of_table(view, row),
    )


def worst(view: View) -> list[int]:
    """Rows of what was answered worst: of classes the most confident wrong answers, else by outcome."""
    if view.task.kind != "classification":
        return view.worst(MOST + FURTHER)
    wrong = np.flatnonzero(view.predictions.argmax(axis=1) != view.truth)
    sure = view.predictions[wrong].max(axis=1)
    return [int(row) for row in wrong[np.argsort(-sure, kind="stable")][: MOST + FURTHER]]


def _counted(classes: Iterable[int], names: list[str]) -> str:
    """As in `2 boot, 1 tent`."""
    counts = Counter(int(number) for number in classes)
    words = [f"{count} {names[number]}" for number, count in sorted(counts.items())]
    return ", ".join(words[:_MOST_NAMED]) + (" and more" if len(words) > _MOST_NAMED else "") or "nothing"


def _detected(view: View, row: int) -> Case:
    """An image with its boxes."""
    truth = view.truth[row][view.truth[row, :, 4] >= 0]
    found = view.predictions[row][view.predictions[row, :, 4] >= _SURE]
    surest = found[np.argsort(-found[:, 4], kind="stable")][:_MOST_BOXES]
    names = view.task.classes
    more: dict[str, Any] = {"notes": notes.of_boxes(truth, surest, names)}
    if (picture := picture_of(view, row)) is not None:
        more["truth_layer"] = picture.boxes(truth[:, :4].tolist(), TRUTH)
        more["predicted_layer"] = picture.boxes(surest[:, :4].tolist(), PREDICTION)
        more["picture"] = picture.text()
    return _case(view, row, _counted(truth[:, 4], names), _counted(found[:, 5], names), **more)


def _segmented(view: View, row: int) -> Case:
    """An image with its masks."""
    truth, predicted = view.truth[row], view.predictions[row].astype(np.uint8)
    more: dict[str, Any] = {"notes": notes.of_masks(truth, predicted, view.task.classes)}
    if (picture := picture_of(view, row)) is not None:
        more["truth_layer"] = picture.mask(truth, TRUTH)
        more["predicted_layer"] = picture.mask(predicted, PREDICTION)
        more["picture"] = picture.text()
    return _case(view, row, *(_shares(mask, view.task.classes) for mask in (truth, predicted)), **more)


def _shares(mask: Any, names: list[str]) -> str:
    """As in `80 % background, 20 % tent`: the largest classes of a mask."""
    counts = np.bincount(mask[mask != IGNORED], minlength=len(names))
    largest = [number for number in np.argsort(-counts, kind="stable")[:_MOST_NAMED] if counts[number]]
    words = [f"{100 * counts[number] / counts.sum():.0f} % {names[number]}" for number in largest]
    return ", ".join(words) or "nothing that is scored"


def _queried(view: View, row: int) -> Case:
    """A query with what it found first, and where its own identity comes."""
    ranked, likeness = neighbours.ranking(view, row)
    first = int(ranked[0])
    return _case(
        view,
        row,
        f"identity {view.truth[row, 0]}",
        f"identity {view.truth[first, 0]} ({view.ids[first]})",
        confidence=float(likeness[first]),
        picture=_text(picture_of(view, row)),
        neighbours=neighbours.nearest(view, row, ranked, likeness),
        true_rank=neighbours.true_rank(view, row, ranked),
    )


def _estimated(view: View, row: int) -> Case:
    """An example with the number that was estimated."""
    return _case(
        view,
        row,
        f"{float(view.truth[row]):.6g}",
        f"{float(view.predictions[row].reshape(-1)[0]):.6g}",
        picture=_text(picture_of(view, row)),
        notes=notes.of_table(view, row),
    )


def _made(view: View, row: int) -> Case:
    """On the left the image that was to be made, on the right the one that was made."""
    wanted, given = view.truth[row], view.predictions[row]
    off = np.abs(wanted.astype(np.int16) - given)
    right = (off <= view.task.tolerance).mean()
    found = f"{100 * right:.0f} % of the values right, one off by {int(off.max())}"
    picture = Picture(wanted).beside(Picture(given))
    return _case(view, row, f"off by {view.task.tolerance} at most", found, picture=picture.text())


CASES: dict[str, Callable[[View, int], Case]] = {
    "classification": classified,
    "detection": _detected,
    "segmentation": _segmented,
    "similarity": _queried,
    "regression": _estimated,
    "images": _made,
}
"""One example as a case, by the kind of task."""


def mistakes(view: View) -> tuple[list[Case], list[Case]]:
    """The worst answers, and what comes after them in short."""
    rows, case = worst(view), CASES[view.task.kind]
    return [case(view, row) for row in rows[:MOST]], [_short(case(view, row)) for row in rows[MOST:]]


def _short(case: Case) -> Case:
    """A case as it is told when it is not among the worst."""
    return case.model_copy(update={"notes": [], "neighbours": []})
