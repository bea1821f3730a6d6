"""A first segmentation from the given data to a file that you can submit. Takes half a minute.

    python starter.py --data GIVEN_FOLDER

It needs numpy, torch, onnx and onnxscript. The network sees little around a pixel, gives one answer
for each block of 4 x 4 pixels, and trains for a moment only: there is much to gain.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from export import export
from measure import NAMES, mean_iou_foreground
from torch import nn
from torch.nn import functional


def load(folder: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Give pictures, uint8 [n, 3, 64, 64], and masks of class indices, uint8 [n, 64, 64]."""
    with np.load(folder / f"{split}.npz", allow_pickle=False) as arrays:
        return arrays["inputs"], arrays["labels"]


class TinyNetwork(nn.Module):
    """Three convolutions, down to 16 x 16 cells, and each cell's answer for all of its pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 16, 5, 2, 2),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 5, 2, 2),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Conv2d(32, len(NAMES), 3, padding=1),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Give scores [n, classes, 64, 64] for images [n, 3, 64, 64]."""
        return functional.interpolate(self.layers(images - 0.5), scale_factor=4.0, mode="nearest")


def train(images: np.ndarray, masks: np.ndarray, epochs: int) -> nn.Module:
    """Train the tiny network; the background counts less, as there is so much of it."""
    inputs, targets = torch.from_numpy(images).float() / 255, torch.from_numpy(masks).long()
    weights = torch.tensor([0.3, 1.0, 1.0, 1.0, 1.0])
    model = TinyNetwork()
    optimiser = torch.optim.AdamW(model.parameters(), 5e-3)
    for epoch in range(epochs):
        for rows in torch.randperm(len(inputs)).tensor_split(max(1, len(inputs) // 32)):
            loss = functional.cross_entropy(model(inputs[rows]), targets[rows], weights)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
        print(f"epoch {epoch + 1} of {epochs}: last loss {loss:.2f}")
    return model


def masks_of(model: nn.Module, images: np.ndarray) -> np.ndarray:
    """Give the class of each pixel, uint8 [n, 64, 64]."""
    model.eval()
    with torch.no_grad():
        parts = [model(torch.from_numpy(part).float() / 255).argmax(1) for part in np.array_split(images, 8)]
    return torch.cat(parts).numpy().astype(np.uint8)


def main() -> None:
    """Train on the given folder, print the score on validation, write the file to submit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True, help="the folder that you were given")
    parser.add_argument("--out", type=Path, default=Path("model.onnx"), help="the file to submit")
    parser.add_argument("--epochs", type=int, default=4, help="passes over the training pictures")
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = train(*load(options.data, "train"), options.epochs)
    images, masks = load(options.data, "validation")
    print(
        f"mean IoU of the foreground on validation: {mean_iou_foreground(masks, masks_of(model, images)):.3f}"
    )
    export(model, options.out)
    print(f"Submit {options.out}")


if __name__ == "__main__":
    main()
