"""PNG masks: a folder of pictures, and one of masks with the same names, a class index a pixel."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from challenges.faults import Fault
from challenges.importers.collected import Collected, refuse
from challenges.importers.folders import PICTURES, grouped, image_input, pictures_in, resize_note
from challenges.importers.pictures import Bytes, Frame, Item, Progress, load
from challenges.task import IGNORED


def collect(
    images: Path, masks: Path, classes: list[str], frame: Frame, progress: Progress, group_by: str = ""
) -> Collected:
    """Read pictures and their masks for segmentation. Pixels of 255 are not scored.

    `classes` names the indices from 0. Raises BundleError with every fault.
    """
    for folder in (images, masks):
        if not folder.is_dir():
            refuse([Fault(file=str(folder), field="", found="no folder", expected="a folder of pictures")])
    pictures = {_stem(item): item for item in pictures_in(images, images)}
    drawn = {_stem(item): item for item in pictures_in(masks, masks)}
    refuse(list(_unpaired(pictures, drawn, images, masks)))
    items = [
        Item(item.path, item.name, drawn[stem].path, f"{masks.name}/{drawn[stem].name}")
        for stem, item in sorted(pictures.items())
    ]
    origins, faults = grouped([item.name for item in items], group_by)
    loaded = load(items, frame, progress)
    refuse([*faults, *loaded.faults])
    refuse(list(_unknown(items, loaded.masks, len(classes))))
    bars = " The bars are not scored." if frame.rule == "letterbox" else ""
    return Collected(
        kind="segmentation",
        input=image_input(frame),
        classes=classes,
        inputs=loaded.pixels,
        labels=loaded.masks,
        presence=np.stack([(loaded.masks == number).any((1, 2)) for number in range(len(classes))], 1).astype(
            np.int64
        ),
        origins=origins,
        looks=loaded.looks,
        notes=[resize_note(frame) + f" Masks are resized to the nearest pixel.{bars}"],
    )


def _stem(item: Item) -> str:
    return item.name.rpartition(".")[0]


def _unpaired(
    pictures: dict[str, Item], drawn: dict[str, Item], images: Path, masks: Path
) -> Iterator[Fault]:
    if not pictures:
        yield Fault(file=str(images), field="", found="no picture", expected=PICTURES)
    for stem in sorted(pictures.keys() - drawn.keys()):
        file = f"{images.name}/{pictures[stem].name}"
        yield Fault(file=file, field="mask", found="none", expected=f"{masks.name}/{stem}.png")
    for stem in sorted(drawn.keys() - pictures.keys()):
        file = f"{masks.name}/{drawn[stem].name}"
        yield Fault(file=file, field="picture", found="none", expected=f"a picture {stem} in {images.name}/")


def _unknown(items: list[Item], masks: Bytes, classes: int) -> Iterator[Fault]:
    for item, mask in zip(items, masks, strict=True):
        values = np.flatnonzero(np.bincount(mask.ravel(), minlength=IGNORED + 1))
        strange = [int(value) for value in values if value >= classes and value != IGNORED]
        if strange:
            expected = f"0 to {classes - 1}, the classes, or {IGNORED} where nothing is scored"
            yield Fault(file=item.mask_name, field="pixels", found=f"values {strange[:8]}", expected=expected)
