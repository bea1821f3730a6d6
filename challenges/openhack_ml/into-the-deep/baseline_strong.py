"""The strong baseline: a residual network, narrow enough for the budget, exported to ONNX.

After He et al. (2015), https://arxiv.org/abs/1512.03385: two blocks, after as many halvings of the side.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from sklearn.metrics import balanced_accuracy_score
from torch import Tensor, nn
from torch.nn import functional

from challenges.splits import Inputs, model_input, read_split

ARTEFACT = "narrow-resnet.onnx"
SEED = 0
EPOCHS = 10
BATCH = 32
LEARNING_RATE = 4e-3
LARGEST_SHIFT = 5


class Standardise(nn.Module):
    """Take each image's own light away: mean 0 and standard deviation 1 over all its values."""

    def forward(self, images: Tensor) -> Tensor:
        """Standardise [n, 3, height, width]."""
        centred = images - images.mean((1, 2, 3), keepdim=True)
        return centred / (centred.square().mean((1, 2, 3), keepdim=True).sqrt() + 1e-3)


class StrongestResponse(nn.Module):
    """Keep the largest value of each channel, wherever it is."""

    def forward(self, maps: Tensor) -> Tensor:
        """Reduce [n, channels, height, width] to [n, channels]."""
        return maps.amax((2, 3))


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
    model = fit(train.inputs, train.labels, options.epochs)
    options.out.mkdir(parents=True, exist_ok=True)
    export(model, tensor(validation.inputs[:2]), options.out / ARTEFACT)
    with torch.no_grad():
        predicted = model(tensor(validation.inputs)).argmax(1).numpy()
    print(f"validation balanced_accuracy {balanced_accuracy_score(validation.labels, predicted):.4f}")


def tensor(images: Inputs) -> Tensor:
    """Give images as the model receives them: float32 [n, 3, height, width] in 0..1."""
    return torch.from_numpy(model_input(images)).contiguous(memory_format=torch.channels_last)


class Block(nn.Module):
    """Two 3x3 convolutions, added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(
            *convolution(width, width, 3),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Keep the shape, [n, width, height, width]."""
        return functional.relu(maps + self.inner(maps))


def network(classes: int) -> nn.Sequential:
    """Build the untrained network. Each stage halves the side first, and products are cheap there."""
    return nn.Sequential(
        Standardise(),
        *convolution(3, 16, 5, stride=2),
        *convolution(16, 32, 3, stride=2),
        Block(32),
        *convolution(32, 64, 3, stride=2),
        Block(64),
        *convolution(64, 128, 3, stride=2),
        StrongestResponse(),
        nn.Linear(128, classes),
    )


def convolution(inside: int, outside: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    """Build a convolution with batch normalisation and a rectifier."""
    return [
        nn.Conv2d(inside, outside, kernel, stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(),
    ]


def fit(images: Inputs, labels: NDArray[np.int64], epochs: int) -> nn.Module:
    """Train for some epochs with a one-cycle schedule; ready for evaluation when it returns."""
    inputs, targets = tensor(images), torch.from_numpy(labels)
    model = network(int(targets.max()) + 1).train()
    optimiser = torch.optim.AdamW(model.parameters(), weight_decay=0.05)
    batches = -(-len(targets) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, epochs * batches, pct_start=0.2)
    for _ in range(epochs):
        for rows in torch.randperm(len(targets)).tensor_split(batches):
            scores = model(varied(inputs[rows]))
            loss = functional.cross_entropy(scores, targets[rows], label_smoothing=0.05)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
    model.eval()
    return model


def varied(images: Tensor) -> Tensor:
    """Mirror some images, and shift and swap the colours of all of a batch: none changes what is shown."""
    mirrored = torch.where(torch.rand(len(images), 1, 1, 1) < 0.5, images.flip(3), images)
    shift = torch.randint(-LARGEST_SHIFT, LARGEST_SHIFT + 1, (2,)).tolist()
    swapped = mirrored.roll(shift, (2, 3))[:, torch.randperm(3)]
    return swapped.contiguous(memory_format=torch.channels_last)


def export(model: nn.Module, example: Tensor, path: Path) -> None:
    """Write one self-contained ONNX file with a free batch size."""
    program = torch.onnx.export(
        model,
        (example.contiguous(),),
        input_names=["images"],
        output_names=["scores"],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        dynamo=True,
        verbose=False,
    )
    if program is None:
        raise RuntimeError("torch.onnx.export returned no program")
    proto = program.model_proto
    for node in proto.graph.node:
        # The exporter notes the paths and lines of the machine that it runs on.
        del node.metadata_props[:]
    onnx.checker.check_model(proto)
    onnx.save_model(proto, path)


if __name__ == "__main__":
    main()
