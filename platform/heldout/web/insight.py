"""What a team can learn from a submission's mistakes, made ready for a page."""

from collections.abc import Iterable
from dataclasses import dataclass

from challenges.manifest import Split
from challenges.task import Kind, Task
from scoring.learned import Case, ClassScore, Insight, Slice

LARGEST_MATRIX = 12
"""Classes of a confusion matrix that is still read at a glance; beyond, the commonest mix-ups are named."""
MOST_PAIRS = 12
SHADES = 5

COLUMNS = {"f1": "F1", "iou": "IoU", "ap": "AP", "ap50": "AP50", "ap75": "AP75"}

OUTCOMES: dict[Kind, str] = {
    "classification": "Right",
    "detection": "F1 at IoU 0.50",
    "segmentation": "Mean IoU",
    "similarity": "AP at R",
    "regression": "Mean error",
    "images": "Right",
}
"""What the mean outcome of some examples is called."""

_LEGENDS: dict[Kind, str] = {
    "similarity": "Each query with what came first in the gallery, the nearest first.",
    "images": "On the left the image to be made, on the right the one that was made.",
}


@dataclass(frozen=True)
class ClassTable:
    """The scores of classes: names of columns, and for each class its examples and values."""

    columns: list[str]
    rows: list[tuple[str, int, list[float | None]]]


@dataclass(frozen=True)
class Cell:
    """A count of a confusion matrix; `shade` 0 to 5 says its share of the row."""

    count: int
    shade: int
    right: bool


@dataclass(frozen=True)
class MixUp:
    """How often a class was taken for another."""

    truth: str
    predicted: str
    count: int
    share: float


@dataclass(frozen=True)
class Third:
    """A part of the examples, as the darkest third. `value` is as a person reads it."""

    words: str
    count: int
    value: float
    weakest: bool


@dataclass(frozen=True)
class Thirds:
    """The parts by one measure, as by brightness."""

    name: str
    parts: list[Third]


@dataclass(frozen=True)
class Lesson:
    """One example. `value` is its outcome, and an error where the outcome is one."""

    case: Case
    value: float | None


@dataclass(frozen=True)
class Lessons:
    """The insight section of a submission's page."""

    classes: ClassTable | None
    matrix: list[tuple[str, list[Cell]]]
    mix_ups: list[MixUp]
    slices: list[Thirds]
    mistakes: list[Lesson]
    suspects: list[Lesson]
    hidden: list[tuple[Split, ClassTable]]
    outcome: str
    legend: str
    layered: bool
    """Whether truth and prediction are drawn over the pictures."""


def lessons(insight: Insight | None, task: Task) -> Lessons | None:
    """What the page shows; None where there is nothing to show."""
    if insight is None or not any((insight.confusion, insight.classes, insight.slices, insight.mistakes)):
        return None
    small = len(task.classes) <= LARGEST_MATRIX
    return Lessons(
        classes=_table(insight.classes),
        matrix=_matrix(insight.confusion, task.classes) if small else [],
        mix_ups=[] if small else _mix_ups(insight.confusion, task.classes),
        slices=_thirds(insight.slices, task),
        mistakes=as_lessons(insight.mistakes, task),
        suspects=as_lessons(insight.suspects, task),
        hidden=_hidden(insight),
        outcome=OUTCOMES[task.kind],
        legend=_LEGENDS.get(task.kind, ""),
        layered=any(case.truth_layer or case.predicted_layer for case in insight.mistakes),
    )


def _table(classes: list[ClassScore]) -> ClassTable | None:
    if not classes:
        return None
    keys = list(dict.fromkeys(key for each in classes for key in each.scores))
    names = [COLUMNS.get(key, key.replace("_", " ").capitalize()) for key in keys]
    rows = [(each.name, each.count, [each.scores.get(key) for key in keys]) for each in classes]
    return ClassTable(names, rows)


def _hidden(insight: Insight) -> list[tuple[Split, ClassTable]]:
    tables = [(split, _table(classes)) for split, classes in insight.hidden.items()]
    return [(split, table) for split, table in tables if table is not None]


def _matrix(confusion: list[list[int]], classes: list[str]) -> list[tuple[str, list[Cell]]]:
    return [(classes[truth], _cells(row, truth)) for truth, row in enumerate(confusion)]


def _cells(row: list[int], truth: int) -> list[Cell]:
    total = sum(row) or 1
    return [Cell(count, -(-SHADES * count // total), at == truth) for at, count in enumerate(row)]


def _mix_ups(confusion: list[list[int]], classes: list[str]) -> list[MixUp]:
    """The commonest confusions, by their count."""
    found = [
        MixUp(classes[truth], classes[predicted], count, count / sum(row))
        for truth, row in enumerate(confusion)
        for predicted, count in enumerate(row)
        if count and truth != predicted
    ]
    return sorted(found, key=lambda each: -each.count)[:MOST_PAIRS]


def _thirds(slices: list[Slice], task: Task) -> list[Thirds]:
    """Slices by their measure, whose name comes before a colon."""
    found: dict[str, list[tuple[str, Slice]]] = {}
    for each in slices:
        name, _, words = each.name.partition(": ")
        found.setdefault(name, []).append((words, each))
    return [Thirds(name, _parts(parts, task)) for name, parts in found.items()]


def _parts(parts: list[tuple[str, Slice]], task: Task) -> list[Third]:
    values = [each.value for _, each in parts]
    low = min(values) if len(values) > 1 and min(values) < max(values) else None
    return [
        Third(words, each.count, shown_outcome(each.value, task), each.value == low) for words, each in parts
    ]


def as_lessons(cases: Iterable[Case], task: Task) -> list[Lesson]:
    """Examples as the page tells them."""
    return [Lesson(case, _shown(case.value, task)) for case in cases]


def _shown(value: float | None, task: Task) -> float | None:
    """The outcome of one example where it says more than right or wrong."""
    return None if value is None or task.kind == "classification" else shown_outcome(value, task)


def shown_outcome(value: float, task: Task) -> float:
    """An outcome as a person reads it: minus an error is an error."""
    return -value if task.kind == "regression" else value
