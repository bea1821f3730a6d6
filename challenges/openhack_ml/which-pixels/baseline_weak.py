"""The weak baseline: edges by hand on a grid, and one linear map from a window of them to the pixels.

Nothing is trained by descent: ridge regression has a solution in closed form, and a linear map of a window
is a convolution, so that all of it goes into one ONNX file.
"""

import argparse
from math import cos, pi, sin
from pathlib import Path

import numpy as np
import torch
from starter.export import export
from starter.measure import NAMES, mean_iou_foreground
from torch import Tensor, nn
from torch.nn import functional

from challenges.splits import Inputs, LabelledSplit, Labels, model_input, read_split

ARTEFACT = "edges-ridge.onnx"
CELL = 4
"""Pixels of a cell's side; each pixel of a cell has a linear map of its own."""
DIRECTIONS = 6
WINDOW = 5
"""Cells of a window's side."""
RIDGE = 30.0
SCENES_AT_ONCE = 200


class Edges(nn.Module):
    """Edges in each direction, brightness and difference of colour, averaged over the cells of the grid."""

    maps = DIRECTIONS + 2

    filters: Tensor

    def __init__(self) -> None:
        super().__init__()
        across = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
        angles = [number * pi / DIRECTIONS for number in range(DIRECTIONS)]
        self.register_buffer(
            "filters", torch.stack([cos(angle) * across + sin(angle) * across.T for angle in angles])[:, None]
        )

    def forward(self, images: Tensor) -> Tensor:
        """Give [n, maps, 16, 16] for images [n, 3, 64, 64]."""
        centred = images - images.mean((2, 3), keepdim=True)
        colours = centred / (centred.square().mean((1, 2, 3), keepdim=True).sqrt() + 1e-2)
        grey = colours.mean(1, keepdim=True)
        edges = functional.conv2d(functional.pad(grey, (1, 1, 1, 1), mode="replicate"), self.filters).abs()
        difference = (colours - grey).square().sum(1, keepdim=True).sqrt()
        return functional.avg_pool2d(torch.cat([edges, grey, difference], 1), CELL).abs().sqrt()


class Network(nn.Module):
    """Edges, and a linear map of each window of them: one convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.edges = Edges()
        self.linear = nn.Conv2d(Edges.maps, len(NAMES) * CELL**2, WINDOW, padding=WINDOW // 2)

    def forward(self, images: Tensor) -> Tensor:
        """Give scores [n, classes, 64, 64]."""
        return functional.pixel_shuffle(self.linear(self.edges(images)), CELL)


def main() -> None:
    """Fit on the given folder, write the artefact, print the score on validation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the given folder")
    parser.add_argument("--out", type=Path, required=True, help="where the artefact goes")
    options = parser.parse_args()
    torch.set_num_threads(1)
    train, validation = read_split(options.data, "train"), read_split(options.data, "validation")
    model = fit(train)
    options.out.mkdir(parents=True, exist_ok=True)
    export(model, options.out / ARTEFACT)
    found = masks_of(model, validation.inputs)
    print(f"validation miou_foreground {mean_iou_foreground(validation.labels, found):.4f}")


def fit(train: LabelledSplit) -> nn.Module:
    """Solve weighed ridge regression from the window of each cell to the classes of its pixels."""
    network, size = Network(), Edges.maps * WINDOW**2 + 1
    square = RIDGE * torch.eye(size, dtype=torch.float64)
    product = torch.zeros(size, len(NAMES) * CELL**2, dtype=torch.float64)
    for rows in np.array_split(np.arange(len(train.inputs)), -(-len(train.inputs) // SCENES_AT_ONCE)):
        windows = windows_of(network.edges(torch.from_numpy(model_input(train.inputs[rows]))))
        square += windows.T @ windows
        product += windows.T @ pixels_of(train.labels[rows])
    # Compare by how much likelier a class is here than anywhere: the background is always the likeliest.
    usual = (product[-1] / square[-1, -1]).clamp(min=1e-3)
    solved = torch.linalg.solve(square, product)
    solved[-1] -= usual
    solved = (solved / usual.sqrt()).float()
    with torch.no_grad():
        network.linear.weight.copy_(solved[:-1].T.reshape(network.linear.weight.shape))
        network.linear.bias = nn.Parameter(solved[-1])
    return network


def windows_of(maps: Tensor) -> Tensor:
    """Give the window around each cell, and a 1 for the constant: [n * 16 * 16, maps * WINDOW ** 2 + 1]."""
    windows = in_rows(functional.unfold(maps, WINDOW, padding=WINDOW // 2))
    return functional.pad(windows, (0, 1), value=1.0)


def pixels_of(masks: Labels) -> Tensor:
    """Give 1 for the class of each pixel of a cell, [n * 16 * 16, classes * pixels]."""
    wanted = functional.one_hot(torch.from_numpy(masks).long(), len(NAMES)).movedim(-1, 1).float()
    return in_rows(functional.pixel_unshuffle(wanted, CELL))


def in_rows(maps: Tensor) -> Tensor:
    """Turn maps, [n, maps, ...], into a row a cell, [n * cells, maps]."""
    return maps.flatten(2).movedim(1, -1).flatten(0, 1)


def masks_of(model: nn.Module, images: Inputs) -> Labels:
    """Give the class of each pixel, [n, 64, 64]."""
    with torch.no_grad():
        parts = [model(torch.from_numpy(model_input(part))).argmax(1) for part in np.array_split(images, 8)]
    return torch.cat(parts).numpy().astype(np.uint8)


if __name__ == "__main__":
    main()
