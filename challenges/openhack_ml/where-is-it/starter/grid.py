"""From boxes to maps on a grid, which a network can learn, and back from maps to boxes.

The picture is cut into cells of STRIDE pixels. For each class, a map says how likely the centre of an item
lies in a cell; four more maps say how far the item's left, top, right and bottom sides are from the middle
of the cell. After Zhou, Wang and Kraehenbuehl, Objects as Points (2019), and Tian and others, FCOS (2019).
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES = 5
SIDE = 64
STRIDE = 4
GRID = SIDE // STRIDE
BOXES = 20
"""Boxes that a model gives for each image, the likeliest first."""
SPREAD = 0.18
"""How far around an item's centre cells still count a little, as a share of its width and height."""
INNER = 0.3
"""Cells of at least this much of an item learn its sides."""


class Maps(NamedTuple):
    """What a network should give for some images."""

    centres: Tensor
    """1 at each item's centre, less around it, [n, CLASSES, GRID, GRID]."""
    sides: Tensor
    """Distances to an item's left, top, right and bottom in pixels, [n, 4, GRID, GRID]."""
    weights: Tensor
    """How much the sides matter at each cell, [n, GRID, GRID]."""


def maps_of(labels: np.ndarray) -> Maps:
    """Turn boxes [n, most, 6] into maps."""
    count = len(labels)
    centres = np.zeros((count, CLASSES, GRID, GRID), np.float32)
    sides = np.zeros((count, 4, GRID, GRID), np.float32)
    weights = np.zeros((count, GRID, GRID), np.float32)
    middle = (np.arange(GRID) + 0.5) * STRIDE
    for image, row in zip(*np.nonzero(labels[:, :, 4] >= 0), strict=True):
        x0, y0, x1, y1, label = labels[image, row, :5]
        near = np.outer(_bump(middle, y0, y1), _bump(middle, x0, x1)).astype(np.float32)
        near /= near.max()
        here = (near >= INNER) & (near > weights[image])
        distances = np.stack(np.broadcast_arrays(*_distances(middle, x0, y0, x1, y1)))
        sides[image][:, here] = distances[:, here]
        weights[image][here] = near[here]
        centres[image, int(label)] = np.maximum(centres[image, int(label)], near)
    return Maps(*map(torch.from_numpy, (centres, sides, weights)))


def _bump(middle: np.ndarray, low: float, high: float) -> np.ndarray:
    """A bell around the middle of low and high; at least about a cell wide."""
    width = max(SPREAD * (high - low), STRIDE / 3)
    return np.exp(-(((middle - (low + high) / 2) / width) ** 2) / 2)


def _distances(middle: np.ndarray, x0: float, y0: float, x1: float, y1: float) -> tuple[np.ndarray, ...]:
    return (middle - x0)[None], (middle - y0)[:, None], (x1 - middle)[None], (y1 - middle)[:, None]


class WithBoxes(nn.Module):
    """A network of maps, followed by what makes boxes of them: what the challenge wants as one file."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        middle = (torch.arange(GRID) + 0.5) * STRIDE
        x, y = middle.repeat(GRID), middle.repeat_interleave(GRID)
        self.register_buffer("middles", torch.stack([x, y, x, y]))
        self.register_buffer("signs", torch.tensor([[-1.0], [-1.0], [1.0], [1.0]]))

    def forward(self, images: Tensor) -> Tensor:
        """Give boxes [n, BOXES, 6] of x0, y0, x1, y1, score and class for images [n, 3, SIDE, SIDE]."""
        centres, sides = self.network(images)
        likely = centres.sigmoid()
        peaks = likely * (functional.max_pool2d(likely, 3, 1, 1) == likely)
        scores, places = peaks.flatten(1).topk(BOXES)
        cells = (places % GRID**2)[:, None].expand(-1, 4, -1)
        reach = sides.flatten(2).clamp(min=0.5)
        corners = (self.middles + self.signs * reach).gather(2, cells)
        labels = torch.div(places, GRID**2, rounding_mode="floor")
        rows = [corners.clamp(0, SIDE), scores[:, None], labels[:, None].to(scores.dtype)]
        return torch.cat(rows, 1).transpose(1, 2)


def found_in(model: nn.Module, images: np.ndarray) -> np.ndarray:
    """Give the boxes [n, BOXES, 6] that a whole model finds in stored images, uint8 [n, 3, SIDE, SIDE]."""
    model.eval()
    with torch.no_grad():
        parts = [model(torch.from_numpy(part).float() / 255) for part in np.array_split(images, 8)]
    return torch.cat(parts).numpy()
