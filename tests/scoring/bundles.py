"""A small bundle whose baselines really train, and which tests can spoil."""

from pathlib import Path

from challenges import bundle
from challenges.statement import HEADINGS

TOML = """
slug = "two-heaps"
title = "Two heaps"
summary = "Tell two heaps of numbers apart."
version = "1.0.0"
formats = ["sklearn", "predictions"]
pass_score = 0.7

[task]
kind = "classification"
metric = "accuracy"
classes = ["low", "high"]
input = { type = "table", features = ["a", "b"] }

[data]
seed = 3
release_hidden_inputs = true
sizes = { train = 200, validation = 40, public = 60, private = 100 }
sources = [{ name = "Made here", licence = "CC0" }]

[limits]
wall_seconds = 20
memory_mb = 512

[[baselines]]
name = "One number"
strength = "weak"
script = "weak.py"
artefact = "weak.csv"
format = "predictions"
score = 0.75
tolerance = 0.12

[[baselines]]
name = "Two numbers"
strength = "strong"
script = "strong.py"
artefact = "strong.skops"
format = "sklearn"
score = 0.95
tolerance = 0.08
"""

DATA = """
import numpy as np
from challenges.splits import Examples, secret_generator


def made(rng, sizes, names):
    splits = {}
    for name in names:
        labels = np.arange(sizes[name]) % 2
        noise = rng.normal(size=(len(labels), 2)) * [1.4, 0.5]
        splits[name] = Examples((2 * labels[:, None] + noise).astype(np.float32), labels)
    return splits


def given(seed, sizes):
    return made(np.random.default_rng(seed), sizes, ("train", "validation"))


def hidden(seed, secret, sizes):
    return made(secret_generator(secret, "two-heaps"), sizes, ("public", "private"))
"""

OPTIONS = """
import argparse
from pathlib import Path
import numpy as np
from challenges.splits import read_split

parser = argparse.ArgumentParser()
parser.add_argument("--data", type=Path, required=True)
parser.add_argument("--out", type=Path, required=True)
options = parser.parse_args()
train = read_split(options.data, "train")
"""

WEAK = (
    OPTIONS
    + """
with np.load(options.data / "hidden_inputs.npz", allow_pickle=False) as hidden:
    lines = [f"{n},{'high' if row[0] > 1 else 'low'}" for n, row in zip(hidden["ids"], hidden["inputs"])]
(options.out / "weak.csv").write_text("\\n".join(["id,label", *lines]))
"""
)

STRONG = (
    OPTIONS
    + """
import skops.io
from sklearn.linear_model import LogisticRegression
skops.io.dump(LogisticRegression().fit(train.inputs, train.labels), options.out / "strong.skops")
"""
)


def write_bundle(folder: Path) -> Path:
    """The bundle's folder, in order as it is."""
    (folder / "starter").mkdir(parents=True)
    (folder / "starter" / "README.md").write_text("Begin here.\n")
    (folder / "statement.md").write_text("".join(f"## {heading}\n\nSome text.\n\n" for heading in HEADINGS))
    texts = {"challenge.toml": TOML, "data.py": DATA, "weak.py": WEAK, "strong.py": STRONG}
    for name, text in texts.items():
        (folder / name).write_text(text)
    assert bundle.check(folder) == []
    return folder


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    """Replace a text that must be there."""
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
