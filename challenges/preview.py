"""A contact sheet of the given images with their ground truth, for the challenge's page."""

from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from challenges.splits import Inputs, LabelledSplit, Labels
from challenges.task import IGNORED, Task

COLUMNS = 8
ROWS = 5
GAP = 4
SMALLEST_TILE = 64
LARGEST_TILE = 160
LABEL_WIDTH = 108
FONT_SIZE = 15
PAPER = (251, 250, 247)
INK = (22, 24, 29)
COLOURS = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (204, 121, 167),
)
"""Okabe and Ito's palette, which people with any colour vision tell apart."""

Row = tuple[str, Sequence[int]]
"""A row's label and the examples in it."""


def contact_sheet(split: LabelledSplit, task: Task) -> Image.Image:
    """Draw some examples: a labelled row a class or identity, or else a plain grid. Images are uint8 NCHW."""
    rows = list(_rows(split.labels, task))
    labels = LABEL_WIDTH if any(name for name, _ in rows) else 0
    height, width = split.inputs.shape[2:]
    step_x, step_y = (_drawn(length, max(height, width)) + GAP for length in (width, height))
    size = (labels + COLUMNS * step_x + GAP, len(rows) * step_y + GAP)
    sheet = Image.new("RGB", size, PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(FONT_SIZE)
    for place, (name, members) in enumerate(rows):
        top = GAP + place * step_y
        draw.text((2 * GAP, top + step_y // 2), name, INK, font, anchor="lm")
        for column, member in enumerate(members):
            tile = _tile(split, int(member), task).resize(
                (step_x - GAP, step_y - GAP), Image.Resampling.BICUBIC
            )
            sheet.paste(tile, (labels + GAP + column * step_x, top))
    # 256 colours are plenty at this size, and a third of the bytes.
    return sheet.quantize(256)


def _drawn(length: int, longest: int) -> int:
    """Pixels of a side on the sheet: small images grow by whole steps, large ones shrink."""
    if longest > LARGEST_TILE:
        return max(1, length * LARGEST_TILE // longest)
    return length * max(1, -(-SMALLEST_TILE // longest))


def _rows(labels: Labels, task: Task) -> Iterator[Row]:
    if task.kind == "classification":
        for number, name in enumerate(task.classes):
            yield name, np.flatnonzero(labels == number)[:COLUMNS].tolist()
    elif task.kind == "similarity":
        for identity in np.unique(labels[:, 0])[:ROWS]:
            yield f"identity {identity}", np.flatnonzero(labels[:, 0] == identity)[:COLUMNS].tolist()
    else:
        first = list(range(min(len(labels), COLUMNS * ROWS)))
        for start in range(0, len(first), COLUMNS):
            yield "", first[start : start + COLUMNS]


def _tile(split: LabelledSplit, row: int, task: Task) -> Image.Image:
    """One image with its boxes or its mask over it."""
    channels_last: Inputs = np.moveaxis(split.inputs[row], 0, -1)
    pixels = np.array(np.broadcast_to(channels_last, (*channels_last.shape[:2], 3)))
    if task.kind == "segmentation":
        mask = split.labels[row]
        painted = (mask > 0) & (mask != IGNORED)
        tint = np.array([COLOURS[(number - 1) % len(COLOURS)] for number in range(256)], np.uint8)[mask]
        pixels[painted] = (pixels[painted] // 2 + tint[painted] // 2).astype(np.uint8)
    tile = Image.fromarray(pixels)
    if task.kind == "detection":
        draw = ImageDraw.Draw(tile)
        for x0, y0, x1, y1, number, _ in split.labels[row][split.labels[row, :, 4] >= 0].tolist():
            draw.rectangle((x0, y0, x1 - 1, y1 - 1), outline=COLOURS[int(number) % len(COLOURS)])
    return tile
