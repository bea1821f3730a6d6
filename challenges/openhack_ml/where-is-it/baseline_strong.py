"""The strong baseline: a small detector of centres and sides, with the making of boxes in its ONNX file."""

import argparse
from pathlib import Path

import torch
from starter.export import export
from starter.grid import CLASSES, Maps, WithBoxes, found_in, maps_of
from starter.measure import average_precision
from torch import Tensor, nn
from torch.nn import functional

from challenges.splits import LabelledSplit, model_input, read_split

ARTEFACT = "centre-detector.onnx"
SEED = 0
EPOCHS = 10
BATCH = 32
LEARNING_RATE = 4e-3
LONGEST = 32
"""The side of the largest items, in pixels: the unit in which the network gives distances."""


class Network(nn.Module):
    """Convolutions down to 4 x 4 cells and up again to 16 x 16, which see an item and what is around it."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(*convolution(3, 16, stride=2), *convolution(16, 24), nn.MaxPool2d(2))
        self.fine = nn.Sequential(*convolution(24, 48), *convolution(48, 48))
        self.middle = nn.Sequential(nn.MaxPool2d(2), *convolution(48, 64), *convolution(64, 64))
        self.coarse = nn.Sequential(nn.MaxPool2d(2), *convolution(64, 96), nn.Conv2d(96, 64, 1))
        self.join_middle = nn.Sequential(*convolution(64, 64), nn.Conv2d(64, 48, 1))
        self.join_fine = nn.Sequential(*convolution(48, 48))
        self.centres = nn.Conv2d(48, CLASSES, 1)
        self.sides = nn.Conv2d(48, 4, 1)
        # Few cells are centres: begin by saying so.
        self.centres.bias = nn.Parameter(torch.full((CLASSES,), -4.0))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Give logits of centres [n, CLASSES, 16, 16] and distances to the sides [n, 4, 16, 16]."""
        centred = images - images.mean((1, 2, 3), keepdim=True)
        fine = self.fine(self.stem(centred / (centred.square().mean((1, 2, 3), keepdim=True).sqrt() + 1e-2)))
        middle = self.middle(fine)
        middle = self.join_middle(middle + doubled(self.coarse(middle)))
        joined = self.join_fine(fine + doubled(middle))
        return self.centres(joined), functional.softplus(self.sides(joined)) * LONGEST / 2


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
    model = WithBoxes(fit(train, options.epochs))
    options.out.mkdir(parents=True, exist_ok=True)
    export(model, options.out / ARTEFACT)
    found = found_in(model, validation.inputs)
    print(f"validation ap {average_precision(validation.labels, found):.4f}")


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
    inputs, targets = torch.from_numpy(model_input(train.inputs)), maps_of(train.labels)
    model: nn.Module = Network().train()
    # torch's own types know of no memory_format here.
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(model.parameters(), weight_decay=0.05)
    batches = -(-len(inputs) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, epochs * batches, pct_start=0.2)
    for _ in range(epochs):
        for rows in torch.randperm(len(inputs)).tensor_split(batches):
            images, wanted = varied(inputs[rows], Maps(*(part[rows] for part in targets)))
            centres, sides = model(images)
            error = centre_loss(centres, wanted.centres) + 2 * side_loss(sides, wanted)
            optimiser.zero_grad()
            torch.autograd.backward(error)
            optimiser.step()
            schedule.step()
    model.eval()
    return model


def varied(images: Tensor, maps: Maps) -> tuple[Tensor, Maps]:
    """Mirror every second batch, and swap the colours of each: neither changes what is shown."""
    if torch.rand(()) < 0.5:
        images = images.flip(3)
        sides = maps.sides[:, [2, 1, 0, 3]]
        maps = Maps(maps.centres.flip(3), sides.flip(3), maps.weights.flip(2))
    return images[:, torch.randperm(3)].contiguous(memory_format=torch.channels_last), maps


def centre_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    """Focal loss for each item: cells that are nearly right count less.

    After Law and Deng, CornerNet (2018).
    """
    likely = logits.sigmoid()
    right = -((1 - likely) ** 2) * functional.logsigmoid(logits) * (wanted == 1)
    wrong = -(likely**2) * functional.logsigmoid(-logits) * (1 - wanted) ** 4
    return (right + wrong).sum() / (wanted == 1).sum().clamp(min=1)


def side_loss(sides: Tensor, maps: Maps) -> Tensor:
    """Generalised IoU loss of the boxes at each cell. After Rezatofighi and others (2019)."""
    wanted = maps.sides
    least, most = torch.minimum(sides, wanted), torch.maximum(sides, wanted)
    both = (least[:, 0] + least[:, 2]).clamp(min=0) * (least[:, 1] + least[:, 3]).clamp(min=0)
    either = area(sides) + area(wanted) - both
    around = area(most)
    loss = 1 - both / (either + 1e-3) + (around - either) / (around + 1e-3)
    mean: Tensor = (loss * maps.weights).sum() / maps.weights.sum().clamp(min=1)
    return mean


def area(sides: Tensor) -> Tensor:
    """The area of the boxes with these distances to left, top, right and bottom, [n, 4, ...]."""
    return (sides[:, 0] + sides[:, 2]) * (sides[:, 1] + sides[:, 3])


if __name__ == "__main__":
    main()
