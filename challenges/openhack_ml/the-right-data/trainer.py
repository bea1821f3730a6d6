"""The depot's model, the same for every team: edges in cells, then logistic regression.

Only the labels and the choice of examples change from one hand-in to the next.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

DIRECTIONS = 6
CELL = 4

Floats = NDArray[np.float32]


class Model:
    """What `train` returns: it knows how to answer a batch."""

    def __init__(self, classifier: Any, classes: int) -> None:
        self.classifier = classifier
        self.classes = classes

    def predict(self, batch: Floats) -> NDArray[np.float64]:
        """Probabilities [n, classes] of images [n, 3, height, width] in 0..1."""
        found = np.zeros((len(batch), self.classes))
        found[:, self.classifier.classes_] = self.classifier.predict_proba(features(batch))
        return found


def train(inputs: Floats, labels: NDArray[np.int64], seed: int) -> Model:
    """Fit the model on images [n, 3, height, width] in 0..1 and their class indices [n]."""
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=1, max_iter=300, random_state=seed))
    classifier.fit(features(inputs), labels)
    return Model(classifier, int(labels.max()) + 1)


def features(images: Floats) -> Floats:
    """The strength of edges in each direction, averaged over cells of 4 x 4 pixels, rows of length 1."""
    grey = images.mean(1)
    down, across = np.zeros_like(grey), np.zeros_like(grey)
    down[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    across[:, :, 1:-1] = grey[:, :, 2:] - grey[:, :, :-2]
    angles = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
    cells = [_averaged(np.abs(np.cos(angle) * across + np.sin(angle) * down)) for angle in angles]
    rows = np.sqrt(np.concatenate(cells, axis=1))
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6), np.float32)


def _averaged(maps: Floats) -> Floats:
    """Average [n, height, width] over cells, [n, cells]."""
    count, height, width = maps.shape
    cells = maps.reshape(count, height // CELL, CELL, width // CELL, CELL).mean((2, 4))
    return np.asarray(cells.reshape(count, -1))
