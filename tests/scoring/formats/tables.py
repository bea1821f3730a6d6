"""Files of predictions made in memory, and a runner that reads them in this process, without a box."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from challenges.manifest import Limits, Split
from challenges.splits import Ids
from challenges.task import ImageInput, Kind, MetricName, TableInput, Task
from scoring.formats import predictions
from scoring.formats.exam import Answers, Exam, OnRows
from scoring.job import Verdict
from scoring.sandbox.inside import table_loader
from scoring.sandbox.inside.faults import Refused
from scoring.sandbox.policy import BoxKind
from scoring.sandbox.work import Ended, Outcome, Work
from scoring.verdicts import Rejected
from tests.scoring.models import CLASSES

LIMITS = Limits(wall_seconds=20, memory_mb=512, artefact_mb=8)
METRICS: dict[Kind, MetricName] = {
    "classification": "accuracy",
    "detection": "ap",
    "segmentation": "miou",
    "similarity": "map_at_r",
    "regression": "rmse",
}
HEIGHT, WIDTH = 4, 6
IDS: dict[Split, list[str]] = {
    "validation": ["v-1", "v-2"],
    "public": ["h-1", "h-4", "h-3"],
    "private": ["h-2", "h-5"],
}
HIDDEN = ["h-1", "h-2", "h-3", "h-4", "h-5"]


def task_of(kind: Kind, metric: MetricName | None = None) -> Task:
    """A small task. Embeddings have at most four numbers."""
    image = ImageInput(type="image", channels=3, height=HEIGHT, width=WIDTH)
    table = TableInput(type="table", features=["a"])
    seen = kind in ("detection", "segmentation")
    return Task(
        kind=kind,
        classes=[] if kind in ("similarity", "regression") else CLASSES,
        metric=metric or METRICS[kind],
        input=image if seen else table,
        embedding_size=4,
    )


def npz(*, compress: bool = False, **arrays: Any) -> bytes:
    buffer = io.BytesIO()
    (np.savez_compressed if compress else np.savez)(buffer, **arrays)
    return buffer.getvalue()


def npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def parquet(**options: Any) -> bytes:
    """A Parquet file; `columns` as for pyarrow.table."""
    buffer = io.BytesIO()
    columns = options.pop("columns")
    pq.write_table(pa.table(columns), buffer, **options)
    return buffer.getvalue()


def csv(header: str, *lines: str) -> bytes:
    return "".join(f"{line}\n" for line in (header, *lines)).encode()


class _Stored:
    def __init__(self, stored: Any) -> None:
        self.stored = stored


def in_process(kind: BoxKind, work: Work, on_rows: OnRows) -> Outcome:
    """What a box of kind `table` does, here: for many files, of which none is hostile."""
    assert kind == "table"
    assert work.task is not None
    task = work.task
    job: dict[str, Any] = {
        "action": "inspect" if work.inputs is None else "run",
        "kind": task.kind,
        "classes": task.classes,
        "output_shape": list(task.output_shape),
        "extra": work.extra,
    }
    block = np.empty((0, 0), np.float32)
    try:
        facts = table_loader.inspect(work.artefact, job)
        if work.inputs is not None:
            found = table_loader.load(work.artefact, job)
            inputs: Any = _Stored(work.inputs)
            block = np.concatenate(list(table_loader.predict(found, inputs, job))).astype(task.output_dtype)
    except Refused as refused:
        code: Any = refused.code
        raise Ended(code, refused.found) from refused
    return Outcome(predictions.Facts(**facts).model_dump_json().encode(), block, 0.0, 0.0, None, "")


def answers(content: bytes, task: Task, folder: Path, ids: dict[Split, list[str]] | None = None) -> Answers:
    """What a file answers; see `IDS`."""
    path = folder / "predictions"
    path.write_bytes(content)
    known: dict[Split, Ids] = {split: np.array(names) for split, names in (ids or IDS).items()}
    return predictions.answer(path, Exam(task, LIMITS, {}, known, 1), in_process, lambda share: None)


def verdict_on(content: bytes, task: Task, folder: Path) -> Verdict:
    """The refusal of a file."""
    try:
        answers(content, task, folder)
    except Rejected as rejected:
        return rejected.verdict
    raise AssertionError("the file was answered")
