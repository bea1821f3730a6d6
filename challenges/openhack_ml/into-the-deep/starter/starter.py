"""A first network from the given data to a file that you can submit. Takes less than a minute.

    python starter.py --data GIVEN_FOLDER

It needs numpy, torch and onnx. The network looks at a quarter of each picture's side, and sees each
training picture four times, always as it is: there is much to gain.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

EPOCHS = 4
BATCH = 32


def load(folder: Path, split: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Give images as the platform hands them to a model, [n, 3, 64, 64] in 0..1, and labels, [n]."""
    with np.load(folder / f"{split}.npz", allow_pickle=False) as arrays:
        images, labels = arrays["inputs"], arrays["labels"]
    return torch.from_numpy(images.astype(np.float32) / 255), torch.from_numpy(labels)


parser = argparse.ArgumentParser()
parser.add_argument("--data", type=Path, required=True, help="the folder that you were given")
parser.add_argument("--out", type=Path, default=Path("model.onnx"), help="the file to submit")
options = parser.parse_args()

torch.manual_seed(0)
model = nn.Sequential(
    nn.AvgPool2d(4),  # from 64 pixels to 16
    nn.Conv2d(3, 16, 3, padding=1),  # 16 * 16 * 16 * 3 * 9 = 110,592 multiply-accumulates
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1),  # 8 * 8 * 32 * 16 * 9 = 294,912
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(2048, 10),  # 20,480
)

images, labels = load(options.data, "train")
optimiser = torch.optim.Adam(model.parameters(), 1e-3)
for epoch in range(EPOCHS):
    for rows in torch.randperm(len(labels)).tensor_split(len(labels) // BATCH):
        loss = functional.cross_entropy(model(images[rows]), labels[rows])
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
    print(f"epoch {epoch + 1}: loss of the last batch {loss.item():.3f}")

model.eval()
images, labels = load(options.data, "validation")
with torch.no_grad():
    predicted = model(images).argmax(1)
recall = [(predicted[labels == number] == number).float().mean().item() for number in range(10)]
print(f"balanced accuracy on validation: {np.mean(recall):.3f}")

torch.onnx.export(
    model,
    (images[:1],),
    str(options.out),
    dynamo=False,
    input_names=["images"],
    output_names=["scores"],
    dynamic_axes={"images": {0: "n"}, "scores": {0: "n"}},
)
print(f"Submit {options.out}")
