"""Items: a folder for each thing, several pictures of it. The task is to find its other pictures."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from challenges.faults import Fault
from challenges.importers.collected import Collected, Origin, refuse
from challenges.importers.folders import checked_folders, image_input, resize_note
from challenges.importers.pictures import Frame, Progress, load

GALLERY, QUERY = 0, 1
ROLES = ["gallery", "queries"]
QUERIES_OF_FIVE = 2


def collect(source: Path, frame: Frame, progress: Progress) -> Collected:
    """Read a folder of items for similarity; items are numbered by name, and each stays in one split.

    Of an item's pictures, by their names, the last two in five are queries and the others are in the gallery;
    the only picture of an item is in the gallery, where it distracts. Raises BundleError with every fault.
    """
    folders = checked_folders(source)
    listed = [(number, item) for number, items in enumerate(folders.values()) for item in items]
    loaded = load([item for _, item in listed], frame, progress)
    refuse(loaded.faults)
    roles = np.concatenate([_roles(len(items)) for items in folders.values()])
    names = list(folders)
    return Collected(
        kind="similarity",
        input=image_input(frame),
        classes=[],
        inputs=loaded.pixels,
        labels=np.column_stack([[number for number, _ in listed], roles]).astype(np.int64),
        presence=np.eye(len(ROLES), dtype=np.int64)[roles],
        strata=ROLES,
        origins=[Origin(item.name, names[number]) for number, item in listed],
        looks=loaded.looks,
        # Where a split has no room for all of an item, its queries stay out first: none is without an answer.
        turns=roles,
        notes=[resize_note(frame)],
    )


def refuse_grouping(group_by: str) -> None:
    """Raise BundleError where something else than the item is asked to stay together."""
    if group_by:
        expected = "nothing: the pictures of an item stay together"
        refuse([Fault(file="--group-by", field="", found=repr(group_by), expected=expected)])


def _roles(pictures: int) -> NDArray[np.int64]:
    queries = min(max(1, pictures * QUERIES_OF_FIVE // 5), pictures - 1)
    roles = np.full(pictures, GALLERY, np.int64)
    roles[pictures - queries :] = QUERY
    return roles
