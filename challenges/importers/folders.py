"""ImageFolder: a folder for each class, pictures in them."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from challenges.faults import Fault
from challenges.importers.collected import Collected, Origin, of_classes, refuse
from challenges.importers.pictures import RULES, SUFFIXES, Frame, Item, Progress, load
from challenges.task import ImageInput

PICTURES = f"pictures ({', '.join(SUFFIXES)})"


def collect(source: Path, frame: Frame, progress: Progress, group_by: str = "") -> Collected:
    """Read an ImageFolder for classification; classes are sorted by name.

    `group_by` is a regular expression that is searched in each picture's path below `source`; pictures with
    the same match (of its first bracket, if it has one) stay together. Raises BundleError with every fault.
    """
    folders = checked_folders(source)
    listed = [(number, item) for number, items in enumerate(folders.values()) for item in items]
    origins, faults = grouped([item.name for _, item in listed], group_by)
    loaded = load([item for _, item in listed], frame, progress)
    refuse([*faults, *loaded.faults])
    labels = np.array([number for number, _ in listed], np.int64)
    return Collected(
        kind="classification",
        input=image_input(frame),
        classes=list(folders),
        inputs=loaded.pixels,
        labels=labels,
        presence=of_classes(labels, len(folders)),
        origins=origins,
        looks=loaded.looks,
        notes=[resize_note(frame)],
    )


def checked_folders(source: Path) -> dict[str, list[Item]]:
    """The sub-folders by name, each with its pictures. Raises BundleError with every fault."""
    folders = _sub_folders(source)
    found = {folder.name: pictures_in(folder, source) for folder in folders}
    refuse([*_empty(found), *_strangers(folders, source)])
    return found


def _sub_folders(source: Path) -> list[Path]:
    if not source.is_dir():
        refuse([Fault(file=str(source), field="", found="no folder", expected="a folder with one a class")])
    folders = sorted(path for path in source.iterdir() if path.is_dir() and not path.name.startswith("."))
    if len(folders) < 2:
        expected = "at least 2, each with pictures of one thing"
        refuse([Fault(file=str(source), field="folders", found=str(len(folders)), expected=expected)])
    return folders


def pictures_in(folder: Path, source: Path) -> list[Item]:
    """All pictures below a folder, sorted by their paths."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    return [Item(path, path.relative_to(source).as_posix()) for path in paths if not _is_hidden(path, source)]


def grouped(names: list[str], group_by: str) -> tuple[list[Origin], list[Fault]]:
    """Name each example's group by a regular expression; a fault for each name that it does not match."""
    if not group_by:
        return [Origin(name) for name in names], []
    try:
        pattern = re.compile(group_by)
    except re.error as error:
        return [], [Fault(file="--group-by", field="", found=str(error), expected="a regular expression")]
    matches = [pattern.search(name) for name in names]
    faults = [
        Fault(file=name, field="group", found="no match", expected=f"a match of {group_by!r}")
        for name, match in zip(names, matches, strict=True)
        if match is None
    ]
    found = [match and match[1 if pattern.groups else 0] for match in matches]
    return [Origin(name, group or "") for name, group in zip(names, found, strict=True)], faults


def image_input(frame: Frame) -> ImageInput:
    """The manifest's words for a frame."""
    channels = 1 if frame.channels == 1 else 3
    return ImageInput(type="image", channels=channels, height=frame.height, width=frame.width)


def resize_note(frame: Frame) -> str:
    """How pictures were resized, for the data card."""
    return (
        f"Pictures are {frame.width} x {frame.height} pixels, by the rule {frame.rule}: {RULES[frame.rule]}."
    )


def _empty(folders: dict[str, list[Item]]) -> Iterator[Fault]:
    for name, pictures in folders.items():
        if not pictures:
            yield Fault(file=name, field="", found="no picture", expected=PICTURES)


def _strangers(folders: list[Path], source: Path) -> Iterator[Fault]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix.lower() not in SUFFIXES and not _is_hidden(path, source):
                name = path.relative_to(source).as_posix()
                yield Fault(
                    file=name, field="", found=f"a file {path.suffix or 'without suffix'}", expected=PICTURES
                )


def _is_hidden(path: Path, source: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(source).parts)
