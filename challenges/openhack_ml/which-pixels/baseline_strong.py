"""The strong baseline: a small U-Net that works at half size and names four pixels at a time, as ONNX.

After Ronneberger, Fischer and Brox, U-Net (2015), and Shi and others (2016) for the last step from half to
full size: each cell of the half-sized map holds the scores of its four pixels.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from starter.export import export
from starter.measure import NAMES, mean_iou_foreground
from torch import Tensor, nn
from torch.nn import functional

from challenges.splits import Inputs, LabelledSplit, Labels, model_input, read_split

ARTEFACT = "small-unet.onnx"
SEED = 0
EPOCHS = 10
BATCH = 32
LEARNING_RATE = 4e-3


class Network(nn.Module):
    """Convolutions from 32 x 32 cells down to 4 x 4 and up again, with the finer maps added on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(*convolution(3, 16, stride=2), *convolution(16, 24))
        self.fine = nn.Sequential(nn.MaxPool2d(2), *convolution(24, 48), *convolution(48, 48))
        self.middle = nn.Sequential(nn.MaxPool2d(2), *convolution(48, 64), *convolution(64, 64))
        self.coarse = nn.Sequential(nn.MaxPool2d(2), *convolution(64, 96), nn.Conv2d(96, 64, 1))
        self.join_middle = nn.Sequential(*convolution(64, 64), nn.Conv2d(64, 48, 1))
        self.join_fine = nn.Sequential(*convolution(48, 48), nn.Conv2d(48, 24, 1))
        self.join_stem = nn.Sequential(*convolution(24, 32), nn.Conv2d(32, 4 * len(NAMES), 1))

    def forward(self, images: Tensor) -> Tensor:
        """Give scores [n, classes, 64, 64] for images [n, 3, 64, 64]."""
        centred = images - images.mean((1, 2, 3), keepdim=True)
        stem = self.stem(centred / (centred.square().mean((1, 2, 3), keepdim=True).sqrt() + 1e-2))
        fine = self.fine(stem)
        middle = self.middle(fine)
        middle = self.join_middle(middle + doubled(self.coarse(middle)))
        fine = self.join_fine(fine + doubled(middle))
        return functional.pixel_shuffle(self.join_stem(stem + doubled(fine)), 2)


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
    found = masks_of(model, validation.inputs)
    print(f"validation miou_foreground {mean_iou_foreground(validation.labels, found):.4f}")


def convolution(inside: int, outside: int, stride: int = 1) -> list[nn.Module]:
    """Build a 3x3 convolution with batch normalisation and a rectifier."""
    return [
        nn.Conv2d(inside, outside, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(),
    ]


def doubled(maps: Tensor) -> Tensor:
    """Double the height and the width."""
    return functional.interpolate(maps, scale_factor=2.0, mode="nearest")


def fit(train: LabelledSplit, epochs: int) -> nn.Module:
    """Train for some epochs with a one-cycle schedule; ready for evaluation when it returns."""
    inputs, targets = torch.from_numpy(model_input(train.inputs)), torch.from_numpy(train.labels).long()
    model: nn.Module = Network().train()
    # torch's own types know of no memory_format here.
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(model.parameters(), weight_decay=0.05)
    batches = -(-len(inputs) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, epochs * batches, pct_start=0.2)
    for _ in range(epochs):
        for rows in torch.randperm(len(inputs)).tensor_split(batches):
            images, wanted = varied(inputs[rows], targets[rows])
            scores = model(images)
            error = functional.cross_entropy(scores, wanted) + overlap_loss(scores, wanted)
            optimiser.zero_grad()
            torch.autograd.backward(error)
            optimiser.step()
            schedule.step()
    model.eval()
    return model


def varied(images: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
    """Mirror every second batch with its masks, and swap the colours of each."""
    if torch.rand(()) < 0.5:
        images, masks = images.flip(3), masks.flip(2)
    return images[:, torch.randperm(3)].contiguous(memory_format=torch.channels_last), masks


def overlap_loss(scores: Tensor, wanted: Tensor) -> Tensor:
    """Give 1 less the mean overlap (Dice) of the classes in a batch: rare classes count as much as others."""
    likely = scores.softmax(1)
    truth = functional.one_hot(wanted, len(NAMES)).movedim(-1, 1)
    both = (likely * truth).sum((0, 2, 3))
    return 1 - (2 * both / (likely.sum((0, 2, 3)) + truth.sum((0, 2, 3)) + 1)).mean()


def masks_of(model: nn.Module, images: Inputs) -> Labels:
    """Give the class of each pixel, [n, 64, 64]."""
    with torch.no_grad():
        parts = [model(torch.from_numpy(model_input(part))).argmax(1) for part in np.array_split(images, 8)]
    return torch.cat(parts).numpy().astype(np.uint8)


if __name__ == "__main__":
    main()
