"""A small, sound bundle that tests can spoil, and the public data that the built-in bundles need."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from challenges.statement import HEADINGS

TOML = """
slug = "tiny"
title = "Tiny"
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
sizes = { train = 40, validation = 20, public = 30, private = 50 }
sources = [{ name = "Made here", licence = "CC0" }]

[[baselines]]
name = "Guess"
strength = "weak"
script = "baseline.py"
artefact = "guess.skops"
format = "sklearn"
score = 0.5
tolerance = 0.1
"""

BUILDER = """
import numpy as np
from challenges.splits import Examples, secret_generator


def made(rng, sizes, splits):
    splits = {name: np.arange(sizes[name]) % 2 for name in splits}
    return {name: Examples((labels[:, None] + rng.random((len(labels), 2))).astype(np.float32), labels)
            for name, labels in splits.items()}


def given(seed, sizes):
    return made(np.random.default_rng(seed), sizes, ("train", "validation"))


def hidden(seed, secret, sizes):
    return made(secret_generator(secret, "tiny"), sizes, ("public", "private"))
"""

Spoil = Callable[[str, str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bundle of two heaps of numbers, without a fault."""
    folder = tmp_path / "tiny"
    (folder / "starter").mkdir(parents=True)
    (folder / "challenge.toml").write_text(TOML)
    (folder / "statement.md").write_text("".join(f"## {heading}\n\nSome text.\n\n" for heading in HEADINGS))
    (folder / "data.py").write_text(BUILDER)
    (folder / "baseline.py").write_text("print('validation accuracy 0.5')\n")
    (folder / "starter" / "README.md").write_text("Begin here.\n")
    return folder


@pytest.fixture
def spoil(folder: Path) -> Spoil:
    """Replace a text that must be there in a file of the bundle."""

    def replace(file: str, old: str, new: str) -> None:
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new))

    return replace


@pytest.fixture(scope="session")
def prepared_data() -> None:
    """The set-up step, which does nothing when it was done before."""
    command = [sys.executable, "-m", "challenges.sources", "fetch"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
