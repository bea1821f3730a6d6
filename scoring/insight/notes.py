"""What there is to see in an example, in words: for whoever does not see the picture, and for all others."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from challenges.task import IGNORED, TableInput
from scoring.insight.view import View

Numbers = NDArray[Any]

MOST = 8
_FOUND = 0.5
"""IoU from which a box counts as found, as in AP50."""

_OUT_OF_LINE = 0.05
"""A feature is named where it is among so small a share of the lowest or the highest of the split."""


def bounded(lines: list[str]) -> list[str]:
    """The first lines, and how many there are more."""
    return lines if len(lines) <= MOST else [*lines[: MOST - 1], f"and {len(lines) - MOST + 1} more"]


def of_boxes(truth: Numbers, found: Numbers, names: list[str]) -> list[str]:
    """What became of each true box, [n, 6] with the class in column 4, and which predicted ones are of
    nothing, [m, 6] with score and class in columns 4 and 5. The surest prediction chooses first."""
    sure = found[np.argsort(-found[:, 4], kind="stable")]
    overlap = overlaps(truth, sure)
    taken: dict[int, int] = {}
    for guess in range(len(sure)):
        best = max(
            (row for row in range(len(truth)) if row not in taken),
            key=lambda row: (overlap[row, guess], truth[row, 4] == sure[guess, 5]),
            default=None,
        )
        if best is not None and overlap[best, guess] >= _FOUND:
            taken[best] = guess
    lines = [_fate(truth[row], sure, taken.get(row), overlap[row], names) for row in range(len(truth))]
    extra = [row for guess, row in enumerate(sure) if guess not in taken.values()]
    return bounded(
        lines + [f"{names[int(row[5])]} where there is none, {100 * row[4]:.0f} % sure" for row in extra]
    )


def _fate(box: Numbers, found: Numbers, guess: int | None, overlap: Numbers, names: list[str]) -> str:
    name = names[int(box[4])]
    if guess is None:
        near = float(overlap.max(initial=0.0))
        return f"{name} missed" + (f", the nearest box at IoU {near:.2f}" if near > 0 else "")
    called = names[int(found[guess, 5])]
    how = "found" if called == name else f"taken for {called}"
    return f"{name} {how}, IoU {overlap[guess]:.2f}, {100 * found[guess, 4]:.0f} % sure"


def overlaps(truth: Numbers, found: Numbers) -> Numbers:
    """The IoU of each true box with each predicted one, [n, m]."""
    first = np.maximum(truth[:, None, :2], found[None, :, :2])
    last = np.minimum(truth[:, None, 2:4], found[None, :, 2:4])
    both = np.clip(last - first, 0, None).prod(axis=2)
    sizes = [np.clip(boxes[:, 2:4] - boxes[:, :2], 0, None).prod(axis=1) for boxes in (truth, found)]
    return np.asarray(both / np.maximum(sizes[0][:, None] + sizes[1][None, :] - both, 1e-9))


def of_masks(truth: Numbers, predicted: Numbers, names: list[str]) -> list[str]:
    """The IoU of each class that is in the image or was said to be, the worst first."""
    known = truth != IGNORED
    found: list[tuple[float, str]] = []
    for number, name in enumerate(names):
        wanted, given = (truth == number) & known, (predicted == number) & known
        either = int((wanted | given).sum())
        if either:
            found.append((int((wanted & given).sum()) / either, name))
    return bounded([f"{name}: IoU {value:.2f}" for value, name in sorted(found)])


def of_table(view: View, row: int) -> list[str]:
    """The features of an example that are furthest out of line with the split, which may explain an error."""
    if not isinstance(view.task.input, TableInput):
        return []
    values = np.asarray(view.inputs[row], np.float64)
    below = (view.inputs < view.inputs[row]).mean(axis=0)
    above = (view.inputs > view.inputs[row]).mean(axis=0)
    found: list[tuple[float, str]] = []
    for place, name in enumerate(view.task.input.features):
        rarest = min(below[place], above[place])
        if np.isnan(values[place]):
            found.append((-1.0, f"{name} is missing"))
        elif rarest < _OUT_OF_LINE and max(below[place], above[place]) > 0.5:
            side = "high" if below[place] > above[place] else "low"
            found.append((float(rarest), f"{name} is {side}: {values[place]:.4g}"))
    return bounded([line for _, line in sorted(found)])
