"""The weak baseline: edges by hand in coarse cells, and their principal components, as ONNX."""

import argparse
from math import cos, pi, sin
from pathlib import Path

import numpy as np
import torch
from sklearn.decomposition import PCA
from starter.export import export
from starter.measure import recall_and_map
from torch import Tensor, nn
from torch.nn import functional

from challenges.splits import Inputs, model_input, read_split

ARTEFACT = "edges-components.onnx"
DIRECTIONS = 6
CELL = 8
"""Pixels of a cell's side."""
SIZE = 48
"""Numbers of an embedding."""
SEED = 0


class Edges(nn.Module):
    """Edges in each direction, averaged over coarse cells."""

    filters: Tensor

    def __init__(self) -> None:
        super().__init__()
        across = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
        angles = [number * pi / DIRECTIONS for number in range(DIRECTIONS)]
        self.register_buffer(
            "filters", torch.stack([cos(angle) * across + sin(angle) * across.T for angle in angles])[:, None]
        )

    def forward(self, images: Tensor) -> Tensor:
        """Give [n, features] for images [n, 3, 64, 64]."""
        grey = functional.pad(images.mean(1, keepdim=True), (1, 1, 1, 1), mode="replicate")
        cells = functional.avg_pool2d(functional.conv2d(grey, self.filters).abs(), CELL).flatten(1).sqrt()
        return cells / (cells.square().sum(1, keepdim=True).sqrt() + 1e-3)


def main() -> None:
    """Fit on the given folder, write the artefact, print the score on validation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the given folder")
    parser.add_argument("--out", type=Path, required=True, help="where the artefact goes")
    options = parser.parse_args()
    torch.set_num_threads(1)
    train, validation = read_split(options.data, "train"), read_split(options.data, "validation")
    model = fit(train.inputs)
    options.out.mkdir(parents=True, exist_ok=True)
    export(model, options.out / ARTEFACT)
    recall, _ = recall_and_map(validation.labels, embedded(model, validation.inputs))
    print(f"validation recall_at_1 {recall:.4f}")


def fit(images: Inputs) -> nn.Module:
    """Find the principal components of the edges; no identity is looked at."""
    edges = Edges()
    components = PCA(SIZE, whiten=True, random_state=SEED).fit(embedded(edges, images))
    scale = np.sqrt(components.explained_variance_)[:, None]
    weights = components.components_ / scale
    linear = nn.Linear(weights.shape[1], SIZE)
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(weights))
        linear.bias.copy_(torch.from_numpy(-weights @ components.mean_))
    return nn.Sequential(edges, linear)


def embedded(model: nn.Module, images: Inputs) -> np.ndarray:
    """Give what a model makes of images, [n, numbers]."""
    with torch.no_grad():
        parts = [model(torch.from_numpy(model_input(part))) for part in np.array_split(images, 8)]
    return torch.cat(parts).numpy()


if __name__ == "__main__":
    main()
