"""A contact sheet of labelled images, for the challenge's page."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from challenges.splits import Inputs, LabelledSplit

COLUMNS = 8
GAP = 4
SMALLEST_TILE = 64
LABEL_WIDTH = 108
FONT_SIZE = 15
PAPER = (251, 250, 247)
INK = (22, 24, 29)


def contact_sheet(split: LabelledSplit, classes: Sequence[str]) -> Image.Image:
    """Draw the first examples of each class, a labelled row a class. Images are uint8 NCHW."""
    height, width = split.inputs.shape[2:]
    scale = max(1, -(-SMALLEST_TILE // width))
    step_x, step_y = width * scale + GAP, height * scale + GAP
    size = (LABEL_WIDTH + COLUMNS * step_x + GAP, len(classes) * step_y + GAP)
    sheet = Image.new("RGB", size, PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(FONT_SIZE)
    for row, name in enumerate(classes):
        top = GAP + row * step_y
        draw.text((2 * GAP, top + step_y // 2), name, INK, font, anchor="lm")
        for column, image in enumerate(split.inputs[split.labels == row][:COLUMNS]):
            tile = _tile(image).resize((width * scale, height * scale), Image.Resampling.BICUBIC)
            sheet.paste(tile, (LABEL_WIDTH + column * step_x, top))
    # 256 colours are plenty at this size, and a third of the bytes.
    return sheet.quantize(256)


def _tile(image: Inputs) -> Image.Image:
    channels_last = np.moveaxis(image, 0, -1)
    return Image.fromarray(
        np.ascontiguousarray(np.broadcast_to(channels_last, (*channels_last.shape[:2], 3)))
    )
