"""The weak baseline: large kernels, then one hidden layer, on images of half the side, exported to ONNX.

After Krizhevsky et al. (2012), without normalisation of batches and without varied images.
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

ARTEFACT = "small-alexnet.onnx"
SEED = 0
EPOCHS = 8
BATCH = 32
LEARNING_RATE = 1e-3


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
    return torch.from_numpy(model_input(images))


def network(classes: int) -> nn.Sequential:
    """Build the untrained network for images of 64 pixels, of which it sees four pixels as one."""
    return nn.Sequential(
        nn.AvgPool2d(2),
        nn.Conv2d(3, 16, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 48, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(768, 128),
        nn.ReLU(),
        nn.Linear(128, classes),
    )


def fit(images: Inputs, labels: NDArray[np.int64], epochs: int) -> nn.Module:
    """Train for some epochs; ready for evaluation when it returns."""
    inputs, targets = tensor(images), torch.from_numpy(labels)
    model = network(int(targets.max()) + 1)
    optimiser = torch.optim.Adam(model.parameters(), LEARNING_RATE)
    batches = -(-len(targets) // BATCH)
    for _ in range(epochs):
        for rows in torch.randperm(len(targets)).tensor_split(batches):
            loss = functional.cross_entropy(model(inputs[rows]), targets[rows])
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
    return model.eval()


def export(model: nn.Module, example: Tensor, path: Path) -> None:
    """Write one self-contained ONNX file with a free batch size."""
    program = torch.onnx.export(
        model,
        (example,),
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
