"""Whether the success criteria of a manifest hold together."""

import math
from collections import Counter
from collections.abc import Iterator

from pydantic import ValidationError

from challenges.faults import Fault, shown
from challenges.manifest import Criterion
from challenges.task import CLASS_METRICS, LOWER_IS_BETTER, METRICS, RANGES, MetricName, Task

TOML = "challenge.toml"


def criteria_faults(table: dict[str, object]) -> Iterator[Fault]:
    """Find criteria that nobody could judge. Those with a fault of their types are told of elsewhere."""
    listed = table.get("criteria")
    if not isinstance(listed, list):
        return
    task = _task(table)
    sound = [(f"criteria[{index}]", _criterion(item)) for index, item in enumerate(listed)]
    for field, criterion in sound:
        if criterion is not None:
            yield from _one(field, criterion, task, table.get("formats"))
    for text, count in Counter(criterion.text for _, criterion in sound if criterion).items():
        if count > 1:
            yield _fault("criteria.text", f"{shown(text)} {count} times", "each once")


def _one(field: str, criterion: Criterion, task: Task | None, formats: object) -> Iterator[Fault]:
    if criterion.evidence:
        yield from _evidence(field, criterion)
    elif criterion.metric is None:
        expected = "a metric with at_least or at_most, or evidence = true for what a coach ticks"
        yield _fault(field, "neither metric nor evidence", expected)
    else:
        yield from _threshold(field, criterion)
        if task is not None:
            yield from _metric(field, criterion, task, formats)


def _evidence(field: str, criterion: Criterion) -> Iterator[Fault]:
    automatic = criterion.model_dump(include={"metric", "each_class", "at_least", "at_most"})
    found = [name for name, value in automatic.items() if value not in (None, False)]
    if found:
        yield _fault(field, f"evidence with {', '.join(found)}", "evidence alone, since a coach judges it")


def _threshold(field: str, criterion: Criterion) -> Iterator[Fault]:
    given = [value for value in (criterion.at_least, criterion.at_most) if value is not None]
    if len(given) != 1:
        found = "both at_least and at_most" if given else "neither at_least nor at_most"
        yield _fault(field, found, "one of them")
    elif not math.isfinite(given[0]):
        yield _fault(f"{field}.{_side(criterion)}", shown(given[0]), "a finite number")


def _metric(field: str, criterion: Criterion, task: Task, formats: object) -> Iterator[Fault]:
    known = CLASS_METRICS[task.kind] if criterion.each_class else (*METRICS[task.kind], *_own(task))
    if criterion.metric not in known:
        what = "scores of a class" if criterion.each_class else "metrics"
        expected = f"one of the {what} of kind {task.kind!r}: {', '.join(known) or 'there are none'}"
        yield _fault(f"{field}.metric", shown(criterion.metric), expected)
        return
    if criterion.each_class and formats == ["predictions"]:
        expected = "a format with a model: prediction files yield no scores by class"
        yield _fault(f"{field}.each_class", "true, with predictions as the only format", expected)
    if criterion.metric == "top_k" and task.top_k >= len(task.classes):
        expected = f"another metric, or task.top_k below {len(task.classes)}, the number of classes"
        yield _fault(f"{field}.metric", f"'top_k' with top_k = {task.top_k}", expected)
    yield from _direction(field, criterion, task)


def _own(task: Task) -> tuple[MetricName, ...]:
    """The task's metric where it is none of the kind's: a weighed one, or one that the bundle brings."""
    return (task.metric,) if task.metric in ("weighed", "custom") else ()


def _direction(field: str, criterion: Criterion, task: Task) -> Iterator[Fault]:
    """The better side of a metric is the one to ask for, and within what the metric can be."""
    value = criterion.at_most if criterion.at_least is None else criterion.at_least
    if value is None or (criterion.at_least is not None and criterion.at_most is not None):
        return
    wanted = "at_least" if _higher_is_better(criterion, task) else "at_most"
    if _side(criterion) != wanted:
        better = "higher" if wanted == "at_least" else "lower"
        yield _fault(field, f"{_side(criterion)} for {criterion.metric}", f"{wanted}, as {better} is better")
    if criterion.metric in _own(task):
        return
    low, high = _range(criterion)
    if math.isfinite(value) and not low <= value <= high:
        expected = f"a number from {low:g} to {high:g}, the range of {criterion.metric}"
        yield _fault(f"{field}.{_side(criterion)}", shown(value), expected)


def _higher_is_better(criterion: Criterion, task: Task) -> bool:
    if criterion.metric in _own(task):
        return task.higher_is_better
    return criterion.metric not in LOWER_IS_BETTER


def _range(criterion: Criterion) -> tuple[float, float]:
    return next((span for name, span in RANGES.items() if name == criterion.metric), (0.0, 1.0))


def _side(criterion: Criterion) -> str:
    return "at_least" if criterion.at_least is not None else "at_most"


def _task(table: dict[str, object]) -> Task | None:
    try:
        return Task.model_validate(table.get("task"))
    except ValidationError:
        return None


def _criterion(item: object) -> Criterion | None:
    try:
        return Criterion.model_validate(item)
    except ValidationError:
        return None


def _fault(field: str, found: str, expected: str) -> Fault:
    return Fault(file=TOML, field=field, found=found, expected=expected)
