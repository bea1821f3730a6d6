"""A small task of each kind with seven examples, and what a worker makes of predictions for them."""

import itertools
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from challenges.manifest import Format, Limits, Split
from challenges.splits import LabelledSplit
from challenges.task import ImageInput, Kind, MetricName, TableInput, Task, Training
from scoring import engine
from scoring.formats.exam import OnRows, Runner
from scoring.job import Evaluation, ScoreJob
from scoring.sandbox.policy import BoxKind
from scoring.sandbox.work import Outcome, Work
from tests.fuzz.files import file

CLASSES = ["tent", "boot", "lamp"]
METRICS: dict[Kind, MetricName] = {
    "classification": "accuracy",
    "detection": "ap",
    "segmentation": "miou",
    "similarity": "map_at_r",
    "regression": "rmse",
}
KINDS: list[Kind] = list(METRICS)
HEIGHT, WIDTH = 4, 6
IDS: dict[Split, list[str]] = {
    "validation": ["v-1", "v-2"],
    "public": ["h-1", "h-4", "h-3"],
    "private": ["h-2", "h-5"],
}
LIMITS = Limits(wall_seconds=20, memory_mb=512, artefact_mb=8)
DIGEST = "0" * 64


def task_of(kind: Kind) -> Task:
    """A small task. Embeddings have at most four numbers."""
    image = ImageInput(type="image", channels=3, height=HEIGHT, width=WIDTH)
    table = TableInput(type="table", features=["a"])
    return Task(
        kind=kind,
        classes=[] if kind in ("similarity", "regression") else CLASSES,
        metric=METRICS[kind],
        input=image if kind in ("detection", "segmentation") else table,
        embedding_size=4,
    )


def no_box(kind: BoxKind, work: Work, on_rows: OnRows) -> Outcome:
    """A runner for what must not need a box."""
    raise AssertionError(f"a box of kind {kind} was asked for")


def splits_of(task: Task) -> dict[Split, LabelledSplit]:
    """The examples of `IDS`, with a truth that can be scored."""
    return {split: _split(task, names) for split, names in IDS.items()}


def _split(task: Task, names: list[str]) -> LabelledSplit:
    count = len(names)
    if task.kind in ("detection", "segmentation"):
        inputs: NDArray[Any] = np.full((count, 3, HEIGHT, WIDTH), 90, np.uint8)
    else:
        inputs = np.arange(count, dtype=np.float32)[:, None]
    return LabelledSplit(inputs, _truth(task.kind, count), np.array(names))


def _truth(kind: Kind, count: int) -> NDArray[Any]:
    if kind == "classification":
        return np.arange(count) % 3
    if kind == "detection":
        boxes = np.tile(np.array([1, 1, 3, 3, 0, 0], np.float32), (count, 2, 1))
        boxes[:, 1, 4] = -1
        return boxes
    if kind == "segmentation":
        masks = np.zeros((count, HEIGHT, WIDTH), np.uint8)
        masks[:, 0], masks[:, 1] = 255, 2
        return masks
    if kind == "similarity":
        return np.stack([np.zeros(count, np.int64), np.full(count, 2)], axis=1)
    return np.arange(count, dtype=np.float64)


def data_task(track: str) -> Task:
    """A data challenge."""
    rules = Training.model_validate({"track": track, "budget": 4, "smallest_class": 1})
    return task_of("classification").model_copy(update={"training": rules})


def scored(task: Task, format_: Format, artefact: bytes, run: Runner) -> Evaluation:
    """What a worker says of an artefact. Whatever a run does, the fault is never the platform's."""
    job = ScoreJob(
        attempt=UUID(int=1),
        artefact=DIGEST,
        format=format_,
        hidden_set=DIGEST,
        bundle=DIGEST,
        task=task,
        limits=LIMITS,
        seed=3,
    )
    with file(artefact) as path:
        found = engine.evaluate(job, path, splits_of(task), run, lambda stage, share: None, "fuzz")
    assert found.verdict is None or found.verdict.fault == "submission", found.verdict
    return found


def check(found: Evaluation) -> None:
    """The site reads the message as it was written, and a database can store it."""
    written = found.model_dump_json()
    assert Evaluation.model_validate_json(written).model_dump_json() == written
    assert "\\u0000" not in written
    for score in found.scores:
        assert np.isfinite([score.value, score.low, score.high, *score.metrics.values()]).all(), score
    if found.scores and found.scores[0].split == "validation":
        assert found.insight is not None


def numbers(data: bytes, task: Task, count: int) -> NDArray[Any]:
    """Predictions for `count` examples whose bytes are `data`, repeated or cut."""
    shape = (count, *task.output_shape)
    size = int(np.prod(shape)) * np.dtype(task.output_dtype).itemsize
    repeated = bytes(itertools.islice(itertools.cycle(data or b"\0"), size))
    return np.frombuffer(repeated, task.output_dtype).reshape(shape)
