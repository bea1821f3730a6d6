"""The weak baseline: edges by hand on a grid, and one linear map from a window of them to centres and sides.

Nothing is trained by descent: ridge regression has a solution in closed form, and a linear map of a window
is a convolution, so that all of it goes into one ONNX file.
"""

import argparse
from math import cos, pi, sin
from pathlib import Path

import numpy as np
import torch
from starter.export import export
from starter.grid import CLASSES, STRIDE, WithBoxes, found_in, maps_of
from starter.measure import average_precision
from torch import Tensor, nn
from torch.nn import functional

from challenges.splits import LabelledSplit, model_input, read_split

ARTEFACT = "edges-ridge.onnx"
DIRECTIONS = 6
WINDOW = 7
"""Cells of a window's side."""
RIDGE = 30.0
CENTRE_WEIGHT = 40.0
"""How much more the cells near a centre count than all others, of which there are many more."""
STEEPNESS = 6.0
"""Turns the regression's answers around one half into logits."""
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
        return functional.avg_pool2d(torch.cat([edges, grey, difference], 1), STRIDE).abs().sqrt()


class Network(nn.Module):
    """Edges, and a linear map of each window of them: one convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.edges = Edges()
        self.linear = nn.Conv2d(Edges.maps, CLASSES + 4, WINDOW, padding=WINDOW // 2)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Give logits of centres [n, CLASSES, 16, 16] and distances to the sides [n, 4, 16, 16]."""
        answers = self.linear(self.edges(images))
        return STEEPNESS * (answers[:, :CLASSES] - 0.5), answers[:, CLASSES:]


def main() -> None:
    """Fit on the given folder, write the artefact, print the score on validation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the given folder")
    parser.add_argument("--out", type=Path, required=True, help="where the artefact goes")
    options = parser.parse_args()
    torch.set_num_threads(1)
    train, validation = read_split(options.data, "train"), read_split(options.data, "validation")
    model = WithBoxes(fit(train))
    options.out.mkdir(parents=True, exist_ok=True)
    export(model, options.out / ARTEFACT)
    found = found_in(model, validation.inputs)
    print(f"validation ap {average_precision(validation.labels, found):.4f}")


class Ridge:
    """Weighed ridge regression that takes its rows in parts, as all of them would fill the memory."""

    def __init__(self, inputs: int, outputs: int) -> None:
        self.square = RIDGE * torch.eye(inputs, dtype=torch.float64)
        self.product = torch.zeros(inputs, outputs, dtype=torch.float64)

    def add(self, inputs: Tensor, wanted: Tensor, weights: Tensor) -> None:
        """Take rows of inputs, of what is wanted of them, and of how much each row counts."""
        weighed = (inputs * weights[:, None]).T
        self.square += weighed @ inputs
        self.product += weighed @ wanted

    def solution(self) -> Tensor:
        """Give the linear map, [inputs, outputs]."""
        solved: Tensor = torch.linalg.solve(self.square, self.product)
        return solved.float()


def fit(train: LabelledSplit) -> nn.Module:
    """Solve for the linear map of each window to centres, and of those near a centre to sides."""
    network, size = Network(), Edges.maps * WINDOW**2 + 1
    centres, sides = Ridge(size, CLASSES), Ridge(size, 4)
    for rows in np.array_split(np.arange(len(train.inputs)), -(-len(train.inputs) // SCENES_AT_ONCE)):
        windows = windows_of(network.edges(torch.from_numpy(model_input(train.inputs[rows]))))
        targets = maps_of(train.labels[rows])
        near = targets.weights.reshape(-1)
        centres.add(windows, in_rows(targets.centres), 1 + CENTRE_WEIGHT * near)
        sides.add(windows[near > 0], in_rows(targets.sides)[near > 0], near[near > 0])
    solved = torch.cat([centres.solution(), sides.solution()], 1)
    with torch.no_grad():
        network.linear.weight.copy_(solved[:-1].T.reshape(network.linear.weight.shape))
        network.linear.bias = nn.Parameter(solved[-1])
    return network


def windows_of(maps: Tensor) -> Tensor:
    """Give the window around each cell, and a 1 for the constant: [n * 16 * 16, maps * WINDOW ** 2 + 1]."""
    windows = in_rows(functional.unfold(maps, WINDOW, padding=WINDOW // 2))
    return functional.pad(windows, (0, 1), value=1.0)


def in_rows(maps: Tensor) -> Tensor:
    """Turn maps, [n, maps, ...], into a row a cell, [n * cells, maps]."""
    return maps.flatten(2).movedim(1, -1).flatten(0, 1)


if __name__ == "__main__":
    main()
