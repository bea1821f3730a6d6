"""What a team's file changes in the training data of a data challenge. No true label is in sight here."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from challenges.splits import LabelledSplit
from challenges.task import ImageInput, Task
from scoring.formats import edits
from scoring.formats.edits import Edit, rules_of
from scoring.insight.pictures import THUMBNAIL, Picture
from scoring.learned import Change, Changes, ClassChange

MOST_EXAMPLES = 24
MOST_PAIRS = 12


def of_file(artefact: Path, train: LabelledSplit, task: Task) -> Changes:
    """What a file of `id,action,label`, or of ids alone, makes of the train split. Raises `Rejected`."""
    rows = edits.read(artefact, task)
    left = edits.applied(rows, train, task)
    changed = [row for row in rows if row.action != "keep"]
    place = {str(name): at for at, name in enumerate(train.ids)}
    moved = [row for row in changed if row.action == "relabel"]
    selects = rules_of(task).track == "selection"
    return Changes(
        kept=len(left.ids) - len(moved),
        dropped=len(train.ids) - len(left.ids),
        relabelled=len(moved),
        classes=[] if task.kind == "regression" else _classes(train, left, task),
        pairs=_pairs(moved, train, place, task),
        examples=[] if selects else [_change(row, train, place, task) for row in _told(changed)],
    )


def _told(changed: list[Edit]) -> Sequence[Edit]:
    """Some of them, from all over the file: its order says nothing."""
    step = max(1, -(-len(changed) // MOST_EXAMPLES))
    return changed[::step][:MOST_EXAMPLES]


def _classes(train: LabelledSplit, left: LabelledSplit, task: Task) -> list[ClassChange]:
    before, after = (np.bincount(split.labels, minlength=len(task.classes)) for split in (train, left))
    return [
        ClassChange(name=name, given=int(before[at]), left=int(after[at]))
        for at, name in enumerate(task.classes)
    ]


def _label(label: float, task: Task) -> str:
    return f"{label:.6g}" if task.kind == "regression" else task.classes[int(label)]


def _pairs(
    moved: list[Edit], train: LabelledSplit, place: dict[str, int], task: Task
) -> list[tuple[str, str, int]]:
    """The commonest relabellings of classes."""
    if task.kind == "regression":
        return []
    counts = Counter(
        (_label(train.labels[place[row.id]], task), _label(row.label, task))
        for row in moved
        if row.label is not None
    )
    return [(given, new, count) for (given, new), count in counts.most_common(MOST_PAIRS)]


def _change(row: Edit, train: LabelledSplit, place: dict[str, int], task: Task) -> Change:
    at = place[row.id]
    images = isinstance(task.input, ImageInput)
    return Change(
        id=row.id,
        given=_label(train.labels[at], task),
        new="" if row.label is None else _label(row.label, task),
        picture=Picture(train.inputs[at], THUMBNAIL).text() if images else "",
    )
