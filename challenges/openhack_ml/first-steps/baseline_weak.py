"""The weak baseline: edges in coarse cells, by hand, and a support vector machine.

Edges are found by fixed linear maps, so that the whole model is made of scikit-learn's own parts
and travels as skops without any code of ours. After Dalal and Triggs (2005), histograms of gradients.
"""

import argparse
from pathlib import Path
from zipfile import ZIP_DEFLATED

import numpy as np
import skops.io
from numpy.typing import NDArray
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler
from sklearn.random_projection import GaussianRandomProjection
from sklearn.svm import SVC

from challenges.splits import LabelledSplit, model_input, read_split

ARTEFACT = "edges-svm.skops"
DIRECTIONS = 6
CELL = 4
STEP = 2

Floats = NDArray[np.float32]


def main() -> None:
    """Train on the given folder, write the artefact, print the score on validation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the given folder")
    parser.add_argument("--out", type=Path, required=True, help="where the artefact goes")
    options = parser.parse_args()
    train, validation = read_split(options.data, "train"), read_split(options.data, "validation")
    model = fit(train)
    options.out.mkdir(parents=True, exist_ok=True)
    skops.io.dump(model, options.out / ARTEFACT, compression=ZIP_DEFLATED)
    score = balanced_accuracy_score(validation.labels, model.predict(flat(validation)))
    print(f"validation balanced_accuracy {score:.4f}")


def fit(train: LabelledSplit) -> Pipeline:
    """Fit the classifier on the features of the training images."""
    features = edge_features(train.inputs.shape[2])
    classifier = make_pipeline(StandardScaler(), SVC(C=5))
    classifier.fit(features.transform(flat(train)), train.labels)
    return Pipeline(features.steps + classifier.steps)


def flat(split: LabelledSplit) -> Floats:
    """Give the images as scikit-learn models receive them: float32 [n, channels * height * width] in 0..1."""
    return model_input(split.inputs).reshape(len(split.inputs), -1)


def edge_features(side: int) -> Pipeline:
    """Make the fixed part: edge strength in each direction, averaged over overlapping cells."""
    half = side // 2
    edges, cells = edge_map(half), cell_map(half)
    steps = [
        linear(halving_map(side)),
        linear(edges),
        FunctionTransformer(np.abs).fit(np.zeros((1, len(edges)))),
        linear(cells),
        FunctionTransformer(np.sqrt).fit(np.zeros((1, len(cells)))),
        Normalizer().fit(np.ones((1, len(cells)))),
    ]
    return Pipeline([(f"feature{number}", step) for number, step in enumerate(steps)])


def linear(matrix: Floats) -> GaussianRandomProjection:
    """Make scikit-learn's linear map apply our own matrix, [outputs, inputs], instead of a random one."""
    step = GaussianRandomProjection(n_components=1, random_state=0)
    step.fit(np.zeros((1, matrix.shape[1]), np.float32))
    step.components_ = matrix.astype(np.float32)
    return step


def halving_map(side: int) -> Floats:
    """Map a colour image to a grey one of half the size, [pixels / 4, 3 * pixels]."""
    halve = np.kron(np.eye(side // 2), np.full((1, 2), 0.5))
    return np.asarray(np.kron(np.ones((1, 3)), np.kron(halve, halve)), np.float32)


def edge_map(side: int) -> Floats:
    """Map a grey image to its derivative in each direction, [directions * pixels, pixels]."""
    same, slope = np.eye(side), np.eye(side, k=1) - np.eye(side, k=-1)
    down, across = np.kron(slope, same), np.kron(same, slope)
    angles = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
    return np.concatenate([np.cos(angle) * across + np.sin(angle) * down for angle in angles])


def cell_map(side: int) -> Floats:
    """Average each direction's edges over overlapping cells, [directions * cells, directions * pixels]."""
    starts = range(0, side - CELL + 1, STEP)
    rows = np.zeros((len(starts), side))
    for row, start in enumerate(starts):
        rows[row, start : start + CELL] = 1 / CELL
    return np.asarray(np.kron(np.eye(DIRECTIONS), np.kron(rows, rows)), np.float32)


if __name__ == "__main__":
    main()
