"""The strong baseline: a small network that learns to find the other picture of the same article, as ONNX.

In each batch there are two pictures of each of some articles, and the network is asked for each picture
which of all the others is its partner. After Khosla and others, Supervised contrastive learning (2020).
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from starter.export import export
from starter.measure import recall_and_map
from torch import Tensor, nn
from torch.nn import functional

from challenges.splits import Inputs, LabelledSplit, model_input, read_split

ARTEFACT = "small-embedding.onnx"
SEED = 0
EPOCHS = 60
ARTICLES = 40
"""Articles in a batch."""
LEARNING_RATE = 3e-3
SIZE = 64
"""Numbers of an embedding."""
SHARPNESS = 10.0
"""Turns cosines into logits."""


class Network(nn.Module):
    """Six convolutions down to 4 x 4 cells, and an embedding of all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *convolution(3, 16, stride=2),
            nn.MaxPool2d(2),
            *convolution(16, 32),
            *convolution(32, 48),
            nn.MaxPool2d(2),
            *convolution(48, 64),
            *convolution(64, 64),
            nn.MaxPool2d(2),
            *convolution(64, 96),
        )
        self.last = nn.Linear(96 * 16, SIZE)

    def forward(self, images: Tensor) -> Tensor:
        """Give embeddings of length 1, [n, SIZE], for images [n, 3, 64, 64]."""
        centred = images - images.mean((1, 2, 3), keepdim=True)
        maps = self.layers(centred / (centred.square().mean((1, 2, 3), keepdim=True).sqrt() + 1e-2))
        return functional.normalize(self.last(maps.flatten(1)))


def main() -> None:
    """Train on the given folder, write the artefact, print the score on validation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the given folder")
    parser.add_argument("--out", type=Path, required=True, help="where the artefact goes")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="passes over the training images")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    train, validation = read_split(options.data, "train"), read_split(options.data, "validation")
    model = fit(train, options.epochs)
    options.out.mkdir(parents=True, exist_ok=True)
    export(model, options.out / ARTEFACT)
    recall, _ = recall_and_map(validation.labels, embedded(model, validation.inputs))
    print(f"validation recall_at_1 {recall:.4f}")


def convolution(inside: int, outside: int, stride: int = 1) -> list[nn.Module]:
    """Build a 3x3 convolution with batch normalisation and a rectifier."""
    return [
        nn.Conv2d(inside, outside, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(),
    ]


def fit(train: LabelledSplit, epochs: int) -> nn.Module:
    """Train for some epochs with a one-cycle schedule; ready for evaluation when it returns."""
    inputs = torch.from_numpy(model_input(train.inputs))
    articles = [
        torch.from_numpy(np.flatnonzero(train.labels[:, 0] == n)) for n in np.unique(train.labels[:, 0])
    ]
    model: nn.Module = Network().train()
    # torch's own types know of no memory_format here.
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(model.parameters(), weight_decay=0.05)
    batches = -(-len(articles) // ARTICLES)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, epochs * batches, pct_start=0.2)
    for _ in range(epochs):
        for chosen in torch.randperm(len(articles)).tensor_split(batches):
            rows = torch.stack([articles[n][torch.randperm(len(articles[n]))[:2]] for n in chosen.tolist()])
            error = pair_loss(model(torch.cat([varied(inputs[of_each]) for of_each in rows.T])))
            optimiser.zero_grad()
            torch.autograd.backward(error)
            optimiser.step()
            schedule.step()
    model.eval()
    return model


def pair_loss(embeddings: Tensor) -> Tensor:
    """Ask of each of [2 n, SIZE] embeddings which other is its partner: rows k and n + k are a pair."""
    count = len(embeddings)
    likeness = SHARPNESS * (embeddings @ embeddings.T) - 1e4 * torch.eye(count)
    return functional.cross_entropy(likeness, torch.arange(count).roll(count // 2))


def varied(images: Tensor) -> Tensor:
    """Mirror some images, and swap the colours of all: the articles stay what they are."""
    mirrored = torch.where(torch.rand(len(images), 1, 1, 1) < 0.5, images.flip(3), images)
    return mirrored[:, torch.randperm(3)].contiguous(memory_format=torch.channels_last)


def embedded(model: nn.Module, images: Inputs) -> np.ndarray:
    """Give what a model makes of images, [n, numbers]."""
    with torch.no_grad():
        parts = [model(torch.from_numpy(model_input(part))) for part in np.array_split(images, 8)]
    return torch.cat(parts).numpy()


if __name__ == "__main__":
    main()
