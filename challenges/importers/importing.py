"""One import from beginning to end: read a source, split it, write the bundle."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from challenges.archive import LARGEST_BUNDLE
from challenges.authoring import draft
from challenges.bundle import Bundle
from challenges.faults import Fault
from challenges.importers import coco, folders, items, masks, tables
from challenges.importers.asked import Form
from challenges.importers.collected import Collected, refuse
from challenges.importers.partition import Partition, Shares, partition, write_pool
from challenges.importers.pictures import Frame, Progress
from challenges.manifest import Source
from challenges.task import MetricName, Task

POOL = "pool"
ROOM_FOR_TEXTS = 2**20


@dataclass(frozen=True)
class Request:
    """What is imported, and how."""

    form: Form
    source: Path
    frame: Frame
    licence: str
    title: str = ""
    summary: str = ""
    source_name: str = ""
    metric: MetricName | None = None
    pass_score: float = 0.5
    shares: Shares = field(default_factory=Shares)
    seed: int = 1
    group_by: str = ""
    similar: bool = True
    images: Path | None = None
    """COCO: where the pictures are; else in `images` beside the file, or in its own folder."""
    classes: list[str] = field(default_factory=list)
    roles: tables.Roles = field(default_factory=tables.Roles)


class Imported(NamedTuple):
    """What an import made."""

    bundle: Bundle
    partition: Partition


def run(request: Request, target: Path, progress: Progress) -> Imported:
    """Import a source into a new bundle. Raises BundleError with every fault that was found."""
    if target.exists():
        refuse(
            [
                Fault(
                    file=str(target),
                    field="",
                    found="something that is there already",
                    expected="a new folder",
                )
            ]
        )
    collected = READERS[request.form](request, progress)
    _need_room(collected)
    found = partition(collected, request.shares, request.seed, progress, similar=request.similar)
    made = draft.write(
        _draft(request, collected, found),
        target,
        "imported.py",
        lambda folder: write_pool(collected, found, request.seed, folder / POOL, progress),
    )
    return Imported(made, found)


def _need_room(collected: Collected) -> None:
    size = collected.inputs.nbytes + collected.labels.nbytes
    if size > LARGEST_BUNDLE - ROOM_FOR_TEXTS:
        expected = (
            f"at most {LARGEST_BUNDLE - ROOM_FOR_TEXTS:,}, as a bundle may hold: smaller pictures, or fewer"
        )
        refuse(
            [Fault(file="the data", field="size", found=f"{size:,} bytes after resizing", expected=expected)]
        )


def _draft(request: Request, collected: Collected, found: Partition) -> draft.Draft:
    kind = collected.kind
    title = request.title or request.source.stem.replace("_", " ").replace("-", " ").title()
    copies = (
        f"{found.identical} examples are the same as another, {found.near_identical} pairs look nearly the "
        "same; such examples, and those of a named group, are never in two splits."
    )
    return draft.Draft(
        title=title,
        summary=request.summary or f"{title}: a {kind} task on imported data.",
        task=Task(
            kind=kind,
            classes=collected.classes,
            metric=request.metric or draft.DEFAULT_METRIC[kind],
            input=collected.input,
        ),
        sizes=found.sizes,
        source=Source(name=request.source_name or request.source.name, licence=request.licence),
        seed=request.seed,
        pass_score=request.pass_score,
        notes=[*collected.notes, copies],
    )


def _image_folder(request: Request, progress: Progress) -> Collected:
    return folders.collect(request.source, request.frame, progress, request.group_by)


def _items(request: Request, progress: Progress) -> Collected:
    items.refuse_grouping(request.group_by)
    return items.collect(request.source, request.frame, progress)


def _coco(request: Request, progress: Progress) -> Collected:
    beside = request.source.parent / "images"
    images = request.images or (beside if beside.is_dir() else request.source.parent)
    return coco.collect(request.source, images, request.frame, progress, request.group_by)


def _masks(request: Request, progress: Progress) -> Collected:
    if len(request.classes) < 2:
        expected = "at least 2 names, for the indices from 0"
        refuse([Fault(file="--classes", field="", found=str(request.classes), expected=expected)])
    images, drawn = request.source / "images", request.source / "masks"
    return masks.collect(images, drawn, request.classes, request.frame, progress, request.group_by)


def _csv(request: Request, progress: Progress) -> Collected:
    return _table(tables.read_csv(request.source), request, progress)


def _parquet(request: Request, progress: Progress) -> Collected:
    return _table(tables.read_parquet(request.source), request, progress)


def _table(table: tables.Table, request: Request, progress: Progress) -> Collected:
    return tables.collect(table, request.roles._replace(group=request.group_by), progress)


READERS: dict[Form, Callable[[Request, Progress], Collected]] = {
    "image-folder": _image_folder,
    "items": _items,
    "csv": _csv,
    "coco": _coco,
    "masks": _masks,
    "parquet": _parquet,
}
