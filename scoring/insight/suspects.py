"""Labels that are probably wrong.

Northcutt, Jiang and Chuang, Confident Learning: Estimating Uncertainty in Dataset Labels (2021), in its
simplest form: an example is suspect when the model is confident of another class than its label, where
confident means at least as sure as it is on average of examples that carry that label.
"""

import numpy as np
from numpy.typing import NDArray

from scoring.statistics import Floats

FEWEST = 5
"""A class with fewer examples has no threshold, so that nothing is suspected of belonging to it."""


def rows(labels: NDArray[np.int64], probability: Floats) -> list[int]:
    """Rows of suspect labels, the surest first. `probability` [n, classes] must not come from a model that
    learned from these labels."""
    classes = probability.shape[1]
    counts = np.bincount(labels, minlength=classes)
    own = probability[np.arange(len(labels)), labels]
    mean = np.bincount(labels, weights=own, minlength=classes) / np.maximum(counts, 1)
    thresholds = np.where(counts >= FEWEST, mean, np.inf)
    confident = np.where(probability >= thresholds, probability, -1.0)
    suggested = confident.argmax(axis=1)
    sure = confident.max(axis=1)
    found = np.flatnonzero((sure > 0) & (suggested != labels))
    return [int(row) for row in found[np.argsort(own[found] - sure[found], kind="stable")]]
