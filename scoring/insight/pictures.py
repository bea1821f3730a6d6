"""Small pictures of examples, and layers with truth and prediction to be laid over them.

Truth is a solid blue line with a white edge, a prediction a dashed orange one with a black edge: both
colours are of Okabe and Ito's palette, which people with any colour vision tell apart, the dashes tell
without colour, and the edges on any ground.
"""

import base64
import io
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from challenges.splits import Inputs

LONGEST = 160
"""Pixels of the longer side."""

THUMBNAIL = 80
"""Those of a neighbour's, of which many stand in a row."""

FINENESS = 3
"""Pixels of a layer for each of its picture: lines stay sharp where the picture is shown larger."""

TRUTH = (0, 114, 178)
PREDICTION = (230, 159, 0)
_DASH = 4 * FINENESS
_GAP = 4
_LINE = 2 * FINENESS
_EDGE = FINENESS
_EDGES = {TRUTH: (255, 255, 255), PREDICTION: (0, 0, 0)}

Mask = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Box = Sequence[float]
Colour = tuple[int, int, int]


class Picture:
    """An image at the size of a page's thumbnail: small ones grow by whole steps, large ones shrink."""

    def __init__(self, image: Inputs, longest: int = LONGEST) -> None:
        """Take one image, uint8 [channels, height, width]."""
        channels_last = np.moveaxis(image, 0, -1)
        full = np.broadcast_to(channels_last, (*channels_last.shape[:2], 3))
        drawn = Image.fromarray(np.ascontiguousarray(full))
        most = max(drawn.size)
        self.scale = float(longest // most) if most <= longest else longest / most
        size = (max(1, round(drawn.width * self.scale)), max(1, round(drawn.height * self.scale)))
        way = Image.Resampling.NEAREST if self.scale >= 1 else Image.Resampling.BOX
        self.image = drawn.resize(size, way)

    def boxes(self, found: Iterable[Box], colour: Colour) -> str:
        """A layer with boxes, each of x0, y0, x1, y1 in pixels of the input; empty without any."""
        placed = [self._placed(box) for box in found]
        return self._layer(_outlines(placed, self._fine), colour) if placed else ""

    @property
    def _fine(self) -> tuple[int, int]:
        """Width and height of a layer."""
        return self.image.width * FINENESS, self.image.height * FINENESS

    def _placed(self, box: Box) -> tuple[float, float, float, float]:
        """A box in pixels of the layer, inside of it and not turned inside out."""
        width, height = self._fine
        scale = self.scale * FINENESS
        x0, x1 = sorted(min(max(value * scale, 0), width - 1) for value in (box[0], box[2]))
        y0, y1 = sorted(min(max(value * scale, 0), height - 1) for value in (box[1], box[3]))
        return x0, y0, x1, y1

    def mask(self, mask: Mask, colour: Colour) -> str:
        """A layer with the borders between the classes of a mask [height, width]."""
        fine = np.asarray(Image.fromarray(mask).resize(self._fine, Image.Resampling.NEAREST))
        return self._layer(_wider(_borders(fine), _LINE // 2), colour)

    def _layer(self, lines: Flags, colour: Colour) -> str:
        """A see-through picture of these lines: dashed unless they are the truth, with an edge."""
        if colour != TRUTH:
            rows, columns = np.mgrid[: lines.shape[0], : lines.shape[1]]
            lines = lines & ((rows // _DASH + columns // _DASH) % 2 == 0)
        numbers = np.where(lines, 2, _wider(lines, _EDGE)).astype(np.uint8)
        layer = Image.fromarray(numbers, "P")
        layer.putpalette([0, 0, 0, *_EDGES[colour], *colour])
        return _encoded(layer, transparency=0)

    def beside(self, other: "Picture") -> "Picture":
        """Put another picture to the right of this one."""
        size = (self.image.width + _GAP + other.image.width, max(self.image.height, other.image.height))
        both = Image.new("RGB", size, (255, 255, 255))
        both.paste(self.image, (0, 0))
        both.paste(other.image, (self.image.width + _GAP, 0))
        self.image = both
        return self

    def text(self) -> str:
        """Base64 of the picture as PNG; 128 colours are plenty at this size, and a third of the bytes; of a
        thumbnail half as many.

        The octree finds them in 2 ms where the default, the median cut, takes 45, and no worse ones.
        """
        return _encoded(
            self.image.quantize(
                64 if max(self.image.size) <= THUMBNAIL else 128, method=Image.Quantize.FASTOCTREE
            )
        )


def composed(picture: str, layers: Iterable[str]) -> bytes:
    """A picture with its layers over it, as PNG."""
    below = _decoded(picture)
    for layer in filter(None, layers):
        above = _decoded(layer)
        below = below.resize(above.size, Image.Resampling.NEAREST)
        below.alpha_composite(above)
    buffer = io.BytesIO()
    below.convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


def _decoded(text: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(text))).convert("RGBA")


def _encoded(image: Image.Image, **options: int) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def _outlines(boxes: Iterable[tuple[float, float, float, float]], size: tuple[int, int]) -> Flags:
    drawn = Image.new("1", size)
    draw = ImageDraw.Draw(drawn)
    for box in boxes:
        draw.rectangle(box, outline=1, width=_LINE)
    return np.array(drawn)


def _borders(mask: Mask) -> Flags:
    """Pixels whose right or lower neighbour is of another class."""
    found = np.zeros(mask.shape, bool)
    found[:, :-1] |= mask[:, :-1] != mask[:, 1:]
    found[:-1] |= mask[:-1] != mask[1:]
    return found


def _wider(lines: Flags, by: int) -> Flags:
    """Lines with so many pixels more on each side."""
    found = lines.copy()
    for axis in (0, 1):
        thin = found.copy()
        for step in range(1, by + 1):
            ahead, behind = [slice(None)] * 2, [slice(None)] * 2
            ahead[axis], behind[axis] = slice(step, None), slice(None, -step)
            found[tuple(ahead)] |= thin[tuple(behind)]
            found[tuple(behind)] |= thin[tuple(ahead)]
    return found
