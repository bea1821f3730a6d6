"""Scenes of six kinds of gear, and the labels that a tired person gave to those of the train split.

Who has this file and the seed can make the true labels. An event where that matters changes the seed.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from challenges import gear
from challenges.scenes import Rows
from challenges.splits import Examples, secret_generator

CHOSEN = (1, 3, 4, 5, 7, 8)
"""Classes of Fashion-MNIST: trousers, dress, coat, sandal, trainer, bag."""
MISTAKEN_FOR = (1, 0, 5, 4, 3, 2)
"""What each class is most often mistaken for: trousers and dress, coat and bag, sandal and trainer."""
LOOK = gear.Look(side=32, scales=(0.9, 1.15), wander=2, tilt=15, covered=0.1)
WRONG = 0.3
"""Share of the training examples with a wrong label."""
LIKELY = 0.7
"""Share of the wrong labels that are the class which is most often mistaken for theirs; others are any."""

Labels = NDArray[np.int64]


def given(seed: int, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the train split, with wrong labels among others, and the validation split, without any."""
    pool, _ = item_pools(seed)
    rng = np.random.default_rng([seed, 1])
    made = gear.compose(pool, rng, {split: sizes[split] for split in ("train", "validation")}, LOOK)
    labels = mislabelled(made["train"].labels, np.random.default_rng([seed, 2]))
    return {**made, "train": made["train"]._replace(labels=labels)}


def hidden(seed: int, secret: bytes, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """Make the public and private splits, rightly labelled, of items that `given(seed)` never uses."""
    _, pool = item_pools(seed)
    rng = secret_generator(secret, "the-right-data scenes")
    return gear.compose(pool, rng, {split: sizes[split] for split in ("public", "private")}, LOOK)


def public_source() -> Examples:
    """Give the six classes of Fashion-MNIST in the form of this challenge's inputs."""
    return gear.public_source(LOOK, CHOSEN)


def item_pools(seed: int) -> tuple[Rows, Rows]:
    """Give the items that are only ever given, and those that are only ever hidden, by class."""
    return gear.item_pools(seed, CHOSEN)


def mislabelled(labels: Labels, rng: np.random.Generator) -> Labels:
    """Give some labels, chosen at random, the value of another class."""
    found = labels.copy()
    classes = len(CHOSEN)
    for row in rng.permutation(len(labels))[: round(WRONG * len(labels))]:
        any_other = (labels[row] + rng.integers(1, classes)) % classes
        found[row] = MISTAKEN_FOR[labels[row]] if rng.random() < LIKELY else any_other
    return found
