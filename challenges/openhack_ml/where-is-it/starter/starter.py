"""A first detector from the given data to a file that you can submit. Takes half a minute.

    python starter.py --data GIVEN_FOLDER

It needs numpy, torch, onnx and onnxscript. The network is tiny and sees little of what is around a cell, and
it trains for a moment only: there is much to gain.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from export import export
from grid import CLASSES, WithBoxes, found_in, maps_of
from measure import average_precision
from torch import nn
from torch.nn import functional


def load(folder: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Give pictures, uint8 [n, 3, 64, 64], and boxes, float32 [n, 4, 6]."""
    with np.load(folder / f"{split}.npz", allow_pickle=False) as arrays:
        return arrays["inputs"], arrays["labels"]


class TinyNetwork(nn.Module):
    """Four convolutions, down to a grid of 16 x 16 cells."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 16, 5, 2, 2), nn.ReLU(), nn.Conv2d(16, 24, 5, 2, 2), nn.BatchNorm2d(24), nn.ReLU()
        )
        self.around = nn.Sequential(nn.Conv2d(24, 32, 5, padding=2), nn.BatchNorm2d(32), nn.ReLU())
        self.last = nn.Conv2d(32, CLASSES + 4, 3, padding=1)
        self.last.bias = nn.Parameter(torch.full((CLASSES + 4,), -4.0))

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Give logits of centres [n, CLASSES, 16, 16] and distances to sides in pixels [n, 4, 16, 16]."""
        answers = self.last(self.around(self.layers(images - 0.5)))
        return answers[:, :CLASSES], 10 + answers[:, CLASSES:]


def loss_of(centres: torch.Tensor, sides: torch.Tensor, wanted: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """Cross-entropy of the centres, by the number of items, and the error of the sides near them."""
    wanted_centres, wanted_sides, weights = wanted
    items = (wanted_centres == 1).sum().clamp(min=1)
    wrong = functional.binary_cross_entropy_with_logits(centres, wanted_centres, reduction="sum") / items
    apart = (sides - wanted_sides).abs().mean(1)
    return wrong + 0.3 * (apart * weights).sum() / weights.sum().clamp(min=1)


def train(images: np.ndarray, labels: np.ndarray, epochs: int) -> nn.Module:
    """Train the tiny network."""
    inputs, targets = torch.from_numpy(images).float() / 255, maps_of(labels)
    model = TinyNetwork()
    optimiser = torch.optim.AdamW(model.parameters(), 5e-3)
    for epoch in range(epochs):
        for rows in torch.randperm(len(inputs)).tensor_split(max(1, len(inputs) // 32)):
            centres, sides = model(inputs[rows])
            loss = loss_of(centres, sides, tuple(part[rows] for part in targets))
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
        print(f"epoch {epoch + 1} of {epochs}: last loss {loss:.2f}")
    return model


def main() -> None:
    """Train on the given folder, print the score on validation, write the file to submit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True, help="the folder that you were given")
    parser.add_argument("--out", type=Path, default=Path("model.onnx"), help="the file to submit")
    parser.add_argument("--epochs", type=int, default=4, help="passes over the training pictures")
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = WithBoxes(train(*load(options.data, "train"), options.epochs))
    images, labels = load(options.data, "validation")
    print(f"AP on validation: {average_precision(labels, found_in(model, images)):.3f}")
    export(model, options.out)
    print(f"Submit {options.out}")


if __name__ == "__main__":
    main()
