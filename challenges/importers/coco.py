"""COCO JSON: boxes as absolute `[x, y, width, height]`, category ids with gaps, crowds.

The format is that of https://cocodataset.org/#format-data.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from challenges.faults import BundleError, Fault, shown
from challenges.importers.collected import Collected, Origin, refuse
from challenges.importers.folders import image_input, resize_note
from challenges.importers.pictures import Frame, Item, Progress, load, placement
from challenges.task import BOX_VALUES

OVERHANG = 1.0
"""So many pixels may a box stand out of its picture, as rounding makes it; it is cut."""
FARTHEST = 1e6
"""Pixels: no picture is so large."""
LEAST_SHOWN = 0.25
"""A box of which the frame shows less than this share counts as a crowd, which is not scored."""
LISTS = ("images", "annotations", "categories")
CROWD_NOTE = (
    f"A box of which less than {LEAST_SHOWN:.0%} is left in the frame counts as a crowd, which is not scored."
)

Row = dict[str, Any]


class Box(NamedTuple):
    """A box in pixels of the picture."""

    x0: float
    y0: float
    x1: float
    y1: float
    label: int
    crowd: int


class Document(NamedTuple):
    """What the JSON says, checked: pictures by file name, their boxes, the categories by id."""

    pictures: list[Row]
    boxes: dict[Any, list[Box]]
    classes: list[str]


def collect(
    annotations: Path, images: Path, frame: Frame, progress: Progress, group_key: str = ""
) -> Collected:
    """Read a COCO file for detection; classes are in the order of their category ids.

    `group_key` is a key of each entry of `images` whose value names its group, such as a video's number.
    Raises BundleError with every fault.
    """
    document = parse(annotations, images, group_key)
    pictures = sorted(document.pictures, key=lambda row: str(row["file_name"]))
    loaded = load(
        [Item(images / row["file_name"], str(row["file_name"])) for row in pictures], frame, progress
    )
    refuse([*loaded.faults, *_other_sizes(annotations.name, pictures, loaded.sizes)])
    framed = [
        _framed(document.boxes[row["id"]], size, frame)
        for row, size in zip(pictures, loaded.sizes.tolist(), strict=True)
    ]
    labels = _as_array(framed)
    return Collected(
        kind="detection",
        input=image_input(frame),
        classes=document.classes,
        inputs=loaded.pixels,
        labels=labels,
        presence=np.stack([(labels[:, :, 4] == number).sum(1) for number in range(len(document.classes))], 1),
        origins=[Origin(str(row["file_name"]), str(row.get(group_key, ""))) for row in pictures],
        looks=loaded.looks,
        notes=[f"{resize_note(frame)} {CROWD_NOTE}"],
    )


def parse(annotations: Path, images: Path, group_key: str = "") -> Document:
    """Read and check the JSON. Raises BundleError with every fault."""
    table = _table(annotations)
    file = annotations.name
    faults = [
        *_image_faults(file, table["images"], images, group_key),
        *_category_faults(file, table["categories"]),
    ]
    refuse(faults)
    ids = sorted(row["id"] for row in table["categories"])
    names = {row["id"]: row["name"] for row in table["categories"]}
    known = {row["id"]: row for row in table["images"]}
    boxes: dict[Any, list[Box]] = {number: [] for number in known}
    for place, row in enumerate(table["annotations"]):
        found = list(_annotation_faults(file, place, row, known, names))
        faults += found
        if not found:
            boxes[row["image_id"]].append(_box(row, known[row["image_id"]], ids.index(row["category_id"])))
    refuse(faults)
    return Document(table["images"], boxes, [names[number] for number in ids])


def _table(path: Path) -> dict[str, list[Row]]:
    try:
        table = json.loads(path.read_text("utf-8"))
    except OSError as error:
        fault = Fault(file=str(path), field="", found=str(error.strerror), expected="a COCO file")
        raise BundleError([fault]) from error
    except json.JSONDecodeError as error:
        fault = Fault(file=path.name, field=f"line {error.lineno}", found=error.msg, expected="valid JSON")
        raise BundleError([fault]) from error
    except (RecursionError, UnicodeDecodeError) as error:
        fault = Fault(file=path.name, field="", found=str(error), expected="JSON in UTF-8")
        raise BundleError([fault]) from error
    faults = []
    for name in LISTS:
        value = table.get(name) if isinstance(table, dict) else None
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            faults.append(Fault(file=path.name, field=name, found=shown(value), expected="a list of objects"))
        elif not value and name != "annotations":
            faults.append(Fault(file=path.name, field=name, found="an empty list", expected="at least one"))
    refuse(faults)
    return {name: table[name] for name in LISTS}


def _image_faults(file: str, rows: list[Row], images: Path, group_key: str) -> Iterator[Fault]:
    yield from _repeated(file, "images", rows, "id")
    yield from _repeated(file, "images", rows, "file_name")
    for place, row in enumerate(rows):
        field, name = f"images[{place}]", row.get("file_name")
        if not isinstance(row.get("id"), int | str):
            yield Fault(file=file, field=f"{field}.id", found=shown(row.get("id")), expected="a number")
        if not isinstance(name, str) or not _inside(images, name):
            expected = f"a path below {images}"
            yield Fault(file=file, field=f"{field}.file_name", found=shown(name), expected=expected)
        elif not (images / name).is_file():
            expected = f"a file of {images}"
            yield Fault(
                file=file,
                field=f"{field}.file_name",
                found=f"{shown(name)}, which is not there",
                expected=expected,
            )
        for side in ("width", "height"):
            if not isinstance(row.get(side), int) or row[side] < 1:
                yield Fault(file=file, field=f"{field}.{side}", found=shown(row.get(side)), expected="pixels")
        if group_key and group_key not in row:
            yield Fault(
                file=file, field=f"{field}.{group_key}", found="nothing", expected="the picture's group"
            )


def _inside(images: Path, name: str) -> bool:
    return (images / name).resolve().is_relative_to(images.resolve())


def _category_faults(file: str, rows: list[Row]) -> Iterator[Fault]:
    yield from _repeated(file, "categories", rows, "id")
    yield from _repeated(file, "categories", rows, "name")
    for place, row in enumerate(rows):
        if not isinstance(row.get("id"), int):
            yield Fault(
                file=file, field=f"categories[{place}].id", found=shown(row.get("id")), expected="a number"
            )
        if not isinstance(row.get("name"), str) or not row["name"].strip():
            yield Fault(
                file=file, field=f"categories[{place}].name", found=shown(row.get("name")), expected="a name"
            )


def _repeated(file: str, field: str, rows: list[Row], key: str) -> Iterator[Fault]:
    for value, count in Counter(shown(row.get(key)) for row in rows if key in row).items():
        if count > 1:
            yield Fault(
                file=file, field=f"{field}.{key}", found=f"{value} {count} times", expected="each once"
            )


def _annotation_faults(
    file: str, place: int, row: Row, known: dict[Any, Row], names: dict[Any, str]
) -> Iterator[Fault]:
    field = f"annotations[{place}]"
    for key, there in (("image_id", known), ("category_id", names)):
        if not isinstance(row.get(key), int | str) or row[key] not in there:
            expected = f"the id of one of {'images' if key == 'image_id' else 'categories'}"
            yield Fault(file=file, field=f"{field}.{key}", found=shown(row.get(key)), expected=expected)
    if row.get("iscrowd", 0) not in (0, 1):
        yield Fault(file=file, field=f"{field}.iscrowd", found=shown(row["iscrowd"]), expected="0 or 1")
    box = row.get("bbox")
    if not isinstance(box, list) or not _is_box(box):
        expected = "[x, y, width, height] in pixels, with a width and a height above 0"
        yield Fault(file=file, field=f"{field}.bbox", found=shown(box), expected=expected)
        return
    picture = known.get(row.get("image_id")) if isinstance(row.get("image_id"), int | str) else None
    if picture is not None and not _fits(box, picture):
        expected = f"a box inside the picture's {picture['width']} x {picture['height']} pixels"
        yield Fault(file=file, field=f"{field}.bbox", found=shown(box), expected=expected)


def _is_box(box: list[Any]) -> bool:
    if len(box) != 4 or any(isinstance(v, bool) or not isinstance(v, int | float) for v in box):
        return False
    return all(-FARTHEST < v < FARTHEST for v in box) and bool(box[2] > 0 and box[3] > 0)


def _fits(box: list[float], picture: Row) -> bool:
    x, y, width, height = box
    inside_x = x >= -OVERHANG and x + width <= picture["width"] + OVERHANG and x < picture["width"]
    return (
        inside_x and y >= -OVERHANG and y + height <= picture["height"] + OVERHANG and y < picture["height"]
    )


def _box(row: Row, picture: Row, label: int) -> Box:
    x, y, width, height = row["bbox"]
    right, low = min(x + width, picture["width"]), min(y + height, picture["height"])
    return Box(max(0.0, x), max(0.0, y), right, low, label, row.get("iscrowd", 0))


def _other_sizes(file: str, pictures: list[Row], sizes: NDArray[np.int64]) -> Iterator[Fault]:
    for row, (width, height) in zip(pictures, sizes.tolist(), strict=True):
        if (row["width"], row["height"]) != (width, height):
            found = f"{row['width']} x {row['height']} pixels"
            expected = f"{width} x {height}, as the file has"
            yield Fault(file=file, field=f"images {row['file_name']!r}", found=found, expected=expected)


def _framed(boxes: list[Box], size: list[int], frame: Frame) -> list[list[float]]:
    """Move boxes into the frame: cut at its edges, a crowd where little is left, gone where nothing is."""
    place = placement(size[0], size[1], frame)
    kept = []
    for box in boxes:
        x0, x1 = (value * place.scale_x + place.left for value in (box.x0, box.x1))
        y0, y1 = (value * place.scale_y + place.top for value in (box.y0, box.y1))
        whole = (x1 - x0) * (y1 - y0)
        x0, y0, x1, y1 = max(x0, 0.0), max(y0, 0.0), min(x1, frame.width), min(y1, frame.height)
        if x0 >= x1 or y0 >= y1:
            continue
        left_of_it = (x1 - x0) * (y1 - y0) / whole
        kept.append([x0, y0, x1, y1, box.label, max(box.crowd, int(left_of_it < LEAST_SHOWN))])
    return kept


def _as_array(framed: list[list[list[float]]]) -> NDArray[np.float32]:
    most = max(1, *(len(boxes) for boxes in framed))
    labels = np.zeros((len(framed), most, BOX_VALUES), np.float32)
    labels[:, :, 4] = -1
    for row, boxes in enumerate(framed):
        if boxes:
            labels[row, : len(boxes)] = boxes
    return labels
