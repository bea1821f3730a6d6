"""Whether the ground truth of a split is what its kind of task needs; see `challenges.splits.Labels`."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from challenges.manifest import Split
from challenges.splits import Labels
from challenges.task import BOX_VALUES, IGNORED, Kind, Task

Part = tuple[str, str]
"""Found and expected of a fault."""


def truth_faults(task: Task, split: Split, size: int, labels: Labels) -> Iterator[Part]:
    """Yield found and expected of each fault of a split of `size` examples."""
    dtype, shape = _form(task, size, labels)
    if labels.dtype != dtype or labels.shape != shape:
        yield f"{labels.dtype} {list(labels.shape)}", f"{dtype} {list(shape)}"
        return
    yield from _FAULTS[task.kind](task, split, labels)


def _form(task: Task, size: int, labels: Labels) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """The type and the shape that the labels must have; the most boxes of an image are the bundle's own."""
    if task.kind == "detection":
        most = labels.shape[1] if labels.ndim == 3 else 1
        return np.dtype(np.float32), (size, most, BOX_VALUES)
    forms: dict[Kind, tuple[np.dtype[Any], tuple[int, ...]]] = {
        "classification": (np.dtype(np.int64), (size,)),
        "segmentation": (np.dtype(np.uint8), (size, *task.input.shape[1:])),
        "similarity": (np.dtype(np.int64), (size, 2)),
        "regression": (np.dtype(np.float64), (size,)),
        "images": (np.dtype(np.uint8), (size, *task.output_shape)),
    }
    return forms[task.kind]


def _classes(task: Task, found: Labels) -> Iterator[Part]:
    """Every class occurs, and no other."""
    present, wanted = set(np.unique(found).tolist()), set(range(len(task.classes)))
    if present != wanted:
        missing, unknown = sorted(wanted - present), sorted(present - wanted)
        found_words = f"no example of {missing}, and unknown classes {unknown}"
        yield found_words, f"each class from 0 to {len(task.classes) - 1}, and no other"


def _classification(task: Task, split: Split, labels: Labels) -> Iterator[Part]:
    yield from _classes(task, labels)


def _detection(task: Task, split: Split, labels: Labels) -> Iterator[Part]:
    boxes = labels[labels[:, :, 4] != -1]
    yield from _classes(task, boxes[:, 4])
    _, height, width = task.input.shape
    x0, y0, x1, y1 = boxes[:, :4].T
    with np.errstate(invalid="ignore"):
        outside = ~((x0 >= 0) & (y0 >= 0) & (x1 <= width) & (y1 <= height) & (x0 < x1) & (y0 < y1))
    if outside.any():
        found = f"{int(outside.sum())} boxes such as {boxes[outside][0, :4].tolist()}"
        yield found, f"0 <= x0 < x1 <= {width} and 0 <= y0 < y1 <= {height}"
    crowds = ~np.isin(boxes[:, 5], (0, 1))
    if crowds.any():
        yield f"{int(crowds.sum())} boxes with a crowd of {boxes[crowds][0, 5]:g}", "0, or 1 for a crowd"


def _segmentation(task: Task, split: Split, labels: Labels) -> Iterator[Part]:
    yield from _classes(task, labels[labels != IGNORED])


def _similarity(task: Task, split: Split, labels: Labels) -> Iterator[Part]:
    identities, roles = labels.T
    strange = sorted(set(np.unique(roles).tolist()) - {0, 1, 2})
    if strange:
        yield f"roles {strange}", "0 for the gallery, 1 for a query, 2 for both"
        return
    if split == "train":
        return
    queries, gallery = roles != 0, roles != 1
    known, counts = np.unique(identities[gallery], return_counts=True)
    there = dict(zip(known.tolist(), counts.tolist(), strict=True))
    # A query that is also in the gallery does not find itself.
    alone = [
        i for i, role in zip(identities[queries], roles[queries], strict=True) if there.get(i, 0) <= role // 2
    ]
    if not queries.any() or alone:
        found = f"{len(alone)} of {int(queries.sum())} queries that nothing in the gallery answers"
        yield found, "queries, each with another example of its identity in the gallery"


def _regression(task: Task, split: Split, labels: Labels) -> Iterator[Part]:
    bad = ~np.isfinite(labels)
    if bad.any():
        yield f"{int(bad.sum())} values that are not finite", "finite numbers"


def _images(task: Task, split: Split, labels: Labels) -> Iterator[Part]:
    if (labels == labels[:1]).all():
        yield "the same image for every example", "images that depend on their examples"


_FAULTS: dict[Kind, Callable[[Task, Split, Labels], Iterator[Part]]] = {
    "classification": _classification,
    "detection": _detection,
    "segmentation": _segmentation,
    "similarity": _similarity,
    "regression": _regression,
    "images": _images,
}
