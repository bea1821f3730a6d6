"""A first embedding from the given data to a file that you can submit. Takes half a minute.

    python starter.py --data GIVEN_FOLDER

It needs numpy, torch, onnx and onnxscript. A tiny network learns to name the given articles, and is handed in
without its last layer. It trains for a moment only: there is much to gain.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from export import export
from measure import recall_and_map
from torch import nn
from torch.nn import functional


def load(folder: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Give pictures, uint8 [n, 3, 64, 64], and article and role of each, int64 [n, 2]."""
    with np.load(folder / f"{split}.npz", allow_pickle=False) as arrays:
        return arrays["inputs"], arrays["labels"]


class TinyNetwork(nn.Module):
    """Three convolutions, the mean of each channel, and 32 numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 16, 5, 2, 2),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 5, 2, 2),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Conv2d(32, 64, 3, 2, 1),
            nn.BatchNorm2d(64),
            nn.ReLU(),
        )
        self.last = nn.Linear(64, 32)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Give embeddings [n, 32] for images [n, 3, 64, 64]."""
        embeddings: torch.Tensor = self.last(self.layers(images - 0.5).mean((2, 3)))
        return embeddings


def train(images: np.ndarray, labels: np.ndarray, epochs: int) -> nn.Module:
    """Train a classifier of the articles; give the network below its last layer."""
    inputs = torch.from_numpy(images).float() / 255
    articles, places = np.unique(labels[:, 0], return_inverse=True)
    targets = torch.from_numpy(places)
    model, classifier = TinyNetwork(), nn.Linear(32, len(articles))
    optimiser = torch.optim.AdamW([*model.parameters(), *classifier.parameters()], 5e-3)
    for epoch in range(epochs):
        for rows in torch.randperm(len(inputs)).tensor_split(max(1, len(inputs) // 32)):
            loss = functional.cross_entropy(classifier(model(inputs[rows])), targets[rows])
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
        print(f"epoch {epoch + 1} of {epochs}: last loss {loss:.2f}")
    return model


def embedded(model: nn.Module, images: np.ndarray) -> np.ndarray:
    """Give the embeddings of pictures, [n, numbers]."""
    model.eval()
    with torch.no_grad():
        parts = [model(torch.from_numpy(part).float() / 255) for part in np.array_split(images, 8)]
    return torch.cat(parts).numpy()


def main() -> None:
    """Train on the given folder, print the scores on validation, write the file to submit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True, help="the folder that you were given")
    parser.add_argument("--out", type=Path, default=Path("model.onnx"), help="the file to submit")
    parser.add_argument("--epochs", type=int, default=5, help="passes over the training pictures")
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = train(*load(options.data, "train"), options.epochs)
    images, labels = load(options.data, "validation")
    recall, precision = recall_and_map(labels, embedded(model, images))
    print(f"on validation: recall at 1 {recall:.3f}, mAP at R {precision:.3f}")
    export(model, options.out)
    print(f"Submit {options.out}")


if __name__ == "__main__":
    main()
