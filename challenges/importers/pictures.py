"""Pictures of any size into frames of one size, in several processes.

The same files always give the same bytes: each picture is decoded and resized by itself, and the order is
that of the list.
"""

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from challenges.faults import Fault
from challenges.importers.asked import Rule
from challenges.importers.likeness import Look, look_of, no_looks
from challenges.task import IGNORED

Bytes = NDArray[np.uint8]
Progress = Callable[[str, float], None]
"""Told the stage, and the share of it that is done."""

RULES: dict[Rule, str] = {
    "stretch": "each side is scaled by itself, so that shapes are distorted",
    "letterbox": "scaled as a whole to fit, with black bars beside it",
    "crop": "scaled as a whole to cover, with what stands out cut off evenly",
}
"""The resize rules, in words for the data card."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
MASK_MODES = ("L", "P")
CHUNK = 64
"""Pictures that a process takes at a time."""
FEW = 256
"""So many are read sooner than other processes start."""
_ORIENTATION = 0x0112
_UPRIGHT = 1
_DEEP_MODES = ("I", "F", "I;16", "I;16B", "I;16L")

Image.init()


class Frame(NamedTuple):
    """What every picture becomes: pixels, channels, and how it gets there."""

    height: int
    width: int
    channels: int
    rule: Rule


class Placement(NamedTuple):
    """How a picture lies in its frame: `x * scale_x + left`, in pixels of the frame."""

    scale_x: float
    scale_y: float
    left: int
    top: int


class Item(NamedTuple):
    """A picture to read, and its mask where there is one. The names are those to use in faults."""

    path: Path
    name: str
    mask: Path | None = None
    mask_name: str = ""


class Loaded(NamedTuple):
    """All pictures of a list that could be read; the arrays hold zeros for those that could not."""

    pixels: Bytes
    """uint8 [n, channels, height, width]."""
    masks: Bytes
    """uint8 [n, height, width], or no rows where no item has a mask."""
    sizes: NDArray[np.int64]
    """The pictures' own width and height, [n, 2]."""
    looks: Look
    faults: list[Fault]


class _Read(NamedTuple):
    pixels: Bytes
    mask: Bytes | None
    size: tuple[int, int]


def scaled_size(width: int, height: int, frame: Frame) -> tuple[int, int]:
    """Width and height of a picture after scaling, before bars are added or edges cut."""
    if frame.rule == "stretch":
        return frame.width, frame.height
    ratios = (frame.width / width, frame.height / height)
    scale = min(ratios) if frame.rule == "letterbox" else max(ratios)
    return max(1, round(width * scale)), max(1, round(height * scale))


def placement(width: int, height: int, frame: Frame) -> Placement:
    """Where the pixels of a picture of this size come to lie."""
    new_width, new_height = scaled_size(width, height, frame)
    left, top = (frame.width - new_width) // 2, (frame.height - new_height) // 2
    return Placement(new_width / width, new_height / height, left, top)


def load(items: Sequence[Item], frame: Frame, progress: Progress) -> Loaded:
    """Read and resize all pictures, with every fault at once."""
    count, masked = len(items), bool(items) and items[0].mask is not None
    loaded = Loaded(
        pixels=np.zeros((count, frame.channels, frame.height, frame.width), np.uint8),
        masks=np.zeros((count if masked else 0, frame.height, frame.width), np.uint8),
        sizes=np.ones((count, 2), np.int64),
        looks=no_looks(count),
        faults=[],
    )
    chunks = [items[start : start + CHUNK] for start in range(0, count, CHUNK)]
    done = 0
    for found, faults in _in_processes(chunks, frame, count):
        for picture, look in found:
            if picture is not None:
                _put(loaded, done, picture, look)
            done += 1
        loaded.faults.extend(faults)
        progress("reading pictures", done / count)
    return loaded


def _put(loaded: Loaded, row: int, picture: _Read, look: Look) -> None:
    loaded.pixels[row] = picture.pixels
    loaded.sizes[row] = picture.size
    loaded.looks.hashes[row], loaded.looks.thumbs[row] = look.hashes[0], look.thumbs[0]
    if picture.mask is not None:
        loaded.masks[row] = picture.mask


_Chunk = tuple[list[tuple[_Read | None, Look]], list[Fault]]


def _in_processes(chunks: Sequence[Sequence[Item]], frame: Frame, count: int) -> Iterator[_Chunk]:
    read = partial(_read_chunk, frame=frame)
    processes = os.cpu_count() or 1
    if count <= FEW or processes == 1:
        yield from map(read, chunks)
        return
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        yield from pool.map(read, chunks)


def _read_chunk(items: Sequence[Item], frame: Frame) -> _Chunk:
    found: list[tuple[_Read | None, Look]] = []
    faults: list[Fault] = []
    for item in items:
        read = _read(item, frame)
        if isinstance(read, Fault):
            faults.append(read)
            found.append((None, no_looks(1)))
        else:
            found.append((read, look_of(read.pixels)))
    return found, faults


def _read(item: Item, frame: Frame) -> _Read | Fault:
    picture = _opened(item.path, item.name, (frame.width, frame.height))
    if isinstance(picture, Fault):
        return picture
    image, size = picture
    fitted = _fitted(image.convert("L" if frame.channels == 1 else "RGB"), size, frame)
    pixels = np.asarray(fitted).reshape(frame.height, frame.width, frame.channels)
    mask = None if item.mask is None else _mask(item, size, frame)
    if isinstance(mask, Fault):
        return mask
    return _Read(np.ascontiguousarray(np.moveaxis(pixels, -1, 0)), mask, size)


def _opened(path: Path, name: str, wanted: tuple[int, int]) -> tuple[Image.Image, tuple[int, int]] | Fault:
    """Decode a picture, upright, with its own size; a JPEG no larger than is needed for `wanted`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image: Image.Image = Image.open(path)
            size = image.size
            if image.getexif().get(_ORIENTATION, _UPRIGHT) != _UPRIGHT:
                image = ImageOps.exif_transpose(image)
                size = image.size
            elif image.format == "JPEG":
                image.draft(None, wanted)
            image.load()
    except (
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
    ) as e:
        return Fault(
            file=name, field="", found=f"no readable picture ({_plain(e, path)})", expected="a picture"
        )
    if image.mode in _DEEP_MODES:
        return Fault(file=name, field="mode", found=f"{image.mode}, more than 8 bits", expected="8 bits")
    return image, size


def _plain(error: Exception, path: Path) -> str:
    """The words of Pillow without the path, which the fault names already."""
    return str(error).replace(repr(str(path)), "the file")


def _fitted(image: Image.Image, size: tuple[int, int], frame: Frame, fill: int = 0) -> Image.Image:
    """Resize a decoded picture, whose own size is `size`, into the frame; a mask keeps its values."""
    exact = fill == IGNORED
    how = Image.Resampling.NEAREST if exact else Image.Resampling.BILINEAR
    new_size = scaled_size(*size, frame)
    scaled = image if image.size == new_size else image.resize(new_size, how)
    if scaled.size == (frame.width, frame.height):
        return scaled
    place = placement(*size, frame)
    framed = Image.new(scaled.mode, (frame.width, frame.height), fill if exact else 0)
    framed.paste(scaled, (place.left, place.top))
    return framed


def _mask(item: Item, size: tuple[int, int], frame: Frame) -> Bytes | Fault:
    """Read a mask of class indices; a bar beside it is not scored."""
    assert item.mask is not None  # noqa: S101 - the caller asked
    try:
        image: Image.Image = Image.open(item.mask)
        image.load()
    except (OSError, SyntaxError, ValueError) as error:
        found = f"no readable mask ({_plain(error, item.mask)})"
        return Fault(file=item.mask_name, field="", found=found, expected="a PNG of class indices")
    if image.mode not in MASK_MODES:
        expected = "L or P: 8 bits, a class index a pixel"
        return Fault(file=item.mask_name, field="mode", found=image.mode, expected=expected)
    if image.size != size:
        found = f"{image.size[0]} x {image.size[1]} pixels"
        expected = f"{size[0]} x {size[1]}, as {item.name} has"
        return Fault(file=item.mask_name, field="size", found=found, expected=expected)
    indices: Any = Image.fromarray(np.asarray(image))
    return np.asarray(_fitted(indices, size, frame, IGNORED))
