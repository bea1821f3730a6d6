"""A small bundle of each kind of task, whose right answers a formula gives, and that formula as a model.

Each image or row has a noisy part that no model can answer, so that no score is trivially perfect.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from challenges import bundle
from challenges.statement import HEADINGS
from challenges.task import Kind

SIDE = 12
COLOURS = ["red", "green", "blue"]

TOML = """
slug = "{slug}"
title = "A small challenge"
summary = "Something small to be scored."
version = "1.0.0"
formats = {formats}
pass_score = {pass_score}

[task]
{task}

[data]
seed = 3
release_hidden_inputs = {released}
sizes = {{ train = 60, validation = 40, public = 40, private = 60 }}
sources = [{{ name = "Made here", licence = "CC0" }}]

[limits]
wall_seconds = 60
memory_mb = 1024

[[baselines]]
name = "None that is run"
strength = "weak"
script = "weak.py"
artefact = "weak{suffix}"
format = "{baseline}"
score = {pass_score}
tolerance = 0.2
"""

DATA = """
import numpy as np
from challenges.splits import Examples, secret_generator

SIDE = 12

{examples}

def made(rng, sizes, names):
    return {{name: examples(rng, sizes[name]) for name in names}}


def given(seed, sizes):
    return made(np.random.default_rng(seed), sizes, ("train", "validation"))


def hidden(seed, secret, sizes):
    return made(secret_generator(secret, "small"), sizes, ("public", "private"))
"""

COLOURED = """
def coloured(rng, count):
    colours = np.arange(count) % 3
    images = rng.integers(0, 90, (count, 3, SIDE, SIDE))
    images[np.arange(count), colours] += 60
    return colours, images
"""

EXAMPLES: dict[str, str] = {
    "classification": COLOURED
    + """
def examples(rng, count):
    colours, images = coloured(rng, count)
    labels = np.where(np.arange(count) % 10 == 9, (colours + 1) % 3, colours)
    return Examples(images.astype(np.uint8), labels)
""",
    "detection": COLOURED
    + """
def examples(rng, count):
    colours, images = coloured(rng, count)
    boxes = np.zeros((count, 2, 6), np.float32)
    boxes[:, 0, :4] = [2, 3, 9, 10]
    boxes[:, 0, 4] = colours
    boxes[:, 1, 4] = -1
    boxes[::10, 1] = [0, 0, 2, 2, 0, 0]
    return Examples(images.astype(np.uint8), boxes)
""",
    "segmentation": """
def examples(rng, count):
    images = rng.integers(0, 256, (count, 3, SIDE, SIDE)).astype(np.uint8)
    masks = (images[:, 0] > 127).astype(np.uint8)
    masks[:, 0] = 255
    masks[::10, 1] = 1 - masks[::10, 1]
    return Examples(images, masks)
""",
    "similarity": """
def examples(rng, count):
    identities = np.arange(count) // 4
    patterns = rng.integers(0, 200, (count // 4 + 1, 3, SIDE, SIDE))
    noise = rng.integers(0, 56, (count, 3, SIDE, SIDE))
    images = (patterns[identities] + noise).astype(np.uint8)
    images[::10] = rng.integers(0, 256, images[::10].shape)
    return Examples(images, np.stack([identities, np.full(count, 2)], axis=1))
""",
    "regression": """
def examples(rng, count):
    rows = rng.normal(size=(count, 3)).astype(np.float32)
    return Examples(rows, rows @ [1.0, 2.0, -1.0] + rng.normal(0, 0.1, count))
""",
    "tabular": """
def examples(rng, count):
    rows = rng.normal(size=(count, 3)).astype(np.float32)
    labels = rows.argmax(1)
    labels[:3] = [0, 1, 2]
    return Examples(rows, labels)
""",
    "noisy labels": """
def examples(rng, count):
    labels = np.arange(count) % 2
    rows = (labels[:, None] * 2 + rng.normal(0, 0.5, (count, 2))).astype(np.float32)
    if count == 60:
        labels = np.where(np.arange(count) < 24, 0, labels)
    return Examples(rows, labels)
""",
}

IMAGE = 'input = { type = "image", channels = 3, height = 12, width = 12 }'
THREE = 'input = { type = "table", features = ["a", "b", "c"] }'
NAMES = 'classes = ["red", "green", "blue"]'

TASKS: dict[str, str] = {
    "classification": f'kind = "classification"\nmetric = "accuracy"\n{NAMES}\n{IMAGE}',
    "detection": f'kind = "detection"\nmetric = "ap"\n{NAMES}\n{IMAGE}',
    "segmentation": f'kind = "segmentation"\nmetric = "miou"\nclasses = ["ground", "tent"]\n{IMAGE}',
    "similarity": f'kind = "similarity"\nmetric = "recall_at_1"\n{IMAGE}',
    "regression": f'kind = "regression"\nmetric = "rmse"\n{THREE}',
    "tabular": f'kind = "classification"\nmetric = "balanced_accuracy"\n{NAMES}\n{THREE}',
    "noisy labels": (
        'kind = "classification"\nmetric = "accuracy"\nclasses = ["low", "high"]\n'
        'input = { type = "table", features = ["a", "b"] }\n'
        'training = { trainer = "trainer.py", track = "edits", budget = 30 }'
    ),
    "weighed": (
        'kind = "classification"\nmetric = "weighed"\n'
        f"weights = {{ accuracy = 0.5, macro_f1 = 0.5 }}\n{NAMES}\n{IMAGE}"
    ),
    "custom": (
        'kind = "regression"\nmetric = "custom"\n'
        'custom = { name = "Share within 0.5", best = 1.0, worst = 0.0 }\n' + THREE
    ),
}

TRAINER = """
from sklearn.linear_model import LogisticRegression


def train(inputs, labels, seed):
    model = LogisticRegression(random_state=seed).fit(inputs, labels)

    class Model:
        def predict(self, batch):
            return model.predict_proba(batch)

    return Model()
"""

METRIC = """
import numpy as np


def score(truth, predictions):
    return float((np.abs(predictions.reshape(-1) - truth) < 0.5).mean())
"""

MODELS_FORMATS = '["onnx", "sklearn", "torch", "code", "predictions"]'


def write(name: str, folder: Path) -> Path:
    """The folder of a bundle of `TASKS`, in order as it is."""
    data = {"weighed": "classification", "custom": "regression"}.get(name, name)
    dataset = name == "noisy labels"
    (folder / "starter").mkdir(parents=True)
    toml = TOML.format(
        slug=name.replace(" ", "-"),
        formats='["dataset"]' if dataset else MODELS_FORMATS,
        pass_score=0.5,
        task=TASKS[name],
        released="false" if dataset else "true",
        suffix=".csv" if dataset else ".onnx",
        baseline="dataset" if dataset else "onnx",
    )
    texts = {
        "challenge.toml": toml,
        "data.py": DATA.format(examples=EXAMPLES[data]),
        "weak.py": "",
        "starter/README.md": "Begin here.\n",
        "statement.md": "".join(f"## {heading}\n\nSome text.\n\n" for heading in HEADINGS),
        "trainer.py": TRAINER,
        "metric.py": METRIC,
    }
    for file, text in texts.items():
        (folder / file).write_text(text)
    assert bundle.check(folder) == []
    return folder


class Colour(nn.Module):
    """Scores of red, green and blue: the mean of each channel."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean(dim=[2, 3])


class Boxes(nn.Module):
    """The one box that is always there, of the class of the colour, and a second that does not count."""

    box: torch.Tensor
    none: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("box", torch.tensor([[2.0, 3.0, 9.0, 10.0, 0.9]]))
        self.register_buffer("none", torch.zeros(1, 1, 6))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        colour = x.mean(dim=[2, 3]).argmax(dim=1, keepdim=True).to(torch.float32)
        rows = torch.cat([self.box + 0.0 * colour, colour], dim=1).unsqueeze(1)
        return torch.cat([rows, self.none + 0.0 * rows], dim=1)


class Masks(nn.Module):
    """A score for ground and tent: whether a pixel's red is above the middle."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        red = x[:, 0:1] - 0.5
        return torch.cat([-red, red], dim=1)


class Flat(nn.Module):
    """The pixels themselves, about the middle."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.flatten(1) - 0.5


class Sum(nn.Module):
    """a + 2 b - c."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.tensor([[1.0], [2.0], [-1.0]]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ self.weights


class Same(nn.Module):
    """The row as scores; the largest value names the class."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * 4.0


class Right(NamedTuple):
    """The formula of a bundle: as torch, and as the body of `predict(batch)` in numpy."""

    kind: Kind
    module: nn.Module
    code: str


RIGHT: dict[str, Right] = {
    "classification": Right("classification", Colour(), "return batch.mean((2, 3))"),
    "weighed": Right("classification", Colour(), "return batch.mean((2, 3))"),
    "detection": Right(
        "detection",
        Boxes(),
        "boxes = np.zeros((len(batch), 1, 6), np.float32); boxes[:, 0, :5] = [2, 3, 9, 10, .9]; "
        "boxes[:, 0, 5] = batch.mean((2, 3)).argmax(1); return boxes",
    ),
    "segmentation": Right("segmentation", Masks(), "return (batch[:, 0] > 0.5).astype(np.int64)"),
    "similarity": Right("similarity", Flat(), "return batch.reshape(len(batch), -1) - 0.5"),
    "regression": Right("regression", Sum(), "return batch @ np.array([1, 2, -1], np.float32)"),
    "custom": Right("regression", Sum(), "return batch @ np.array([1, 2, -1], np.float32)"),
    "tabular": Right("classification", Same(), "return batch * 4"),
}


def example_of(name: str, rows: int = 2) -> torch.Tensor:
    """A batch as the bundle's models receive it."""
    shape = (rows, 3) if name in ("regression", "custom", "tabular") else (rows, 3, SIDE, SIDE)
    return torch.tensor(np.random.default_rng(0).random(shape, np.float32))
