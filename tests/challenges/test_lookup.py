"""The look-up attack finds what can be found, and only that."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from challenges.build import build
from challenges.lookup import accuracy, look_up
from challenges.splits import Examples

Spoil = Callable[[str, str, str], None]
SECRET = b"an event's secret"
SOURCE = """

def public_source():
    everything = given(9, {"train": 50, "validation": 50})["train"]
    return Examples(everything.inputs * 3 + 1, everything.labels)


def given("""


def test_copies_that_are_only_dimmed_are_found() -> None:
    rng = np.random.default_rng(0)
    source = Examples(rng.random((5000, 20), np.float32), rng.integers(0, 10, 5000))
    rows = rng.permutation(5000)[:300]
    assert accuracy(Examples(source.inputs[rows] * 0.5 + 3, source.labels[rows]), source) == 1.0


def test_unrelated_examples_are_found_by_chance_alone() -> None:
    rng = np.random.default_rng(1)
    source = Examples(rng.random((2000, 20), np.float32), rng.integers(0, 10, 2000))
    hidden = Examples(rng.random((1000, 20), np.float32), rng.integers(0, 10, 1000))
    assert 0.05 < accuracy(hidden, source) < 0.15


def test_images_are_looked_up_at_a_reduced_size() -> None:
    rng = np.random.default_rng(2)
    source = Examples(rng.integers(0, 256, (60, 3, 41, 41), np.uint8), np.arange(60) % 3)
    assert accuracy(Examples(source.inputs // 2, source.labels), source) == 1.0


def test_a_bundle_with_a_public_source_is_looked_up_in_it(folder: Path, spoil: Spoil, tmp_path: Path) -> None:
    spoil("data.py", "\n\ndef given(", SOURCE)
    built = build(folder, SECRET, tmp_path / "out")
    assert built.hidden_set is not None
    found = look_up(folder, built.hidden_set)
    assert found is not None
    assert (found.examples, found.source_items) == (80, 50)
    assert 0 < found.accuracy < 1


def test_a_bundle_without_a_public_source_has_no_look_up(folder: Path, tmp_path: Path) -> None:
    built = build(folder, SECRET, tmp_path / "out")
    assert built.hidden_set is not None
    assert look_up(folder, built.hidden_set) is None
