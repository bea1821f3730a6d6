"""A baseline without a model file: nearest neighbours run at home, and only their answers are handed in."""

import argparse
import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import KNeighborsClassifier

from challenges.splits import read_split

ARTEFACT = "nearest-neighbours.csv"
CLASSES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def main() -> None:
    """Train on the given folder, write the artefact, print the score on validation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the given folder, with hidden_inputs.npz")
    parser.add_argument("--out", type=Path, required=True, help="where the artefact goes")
    options = parser.parse_args()
    train, validation = read_split(options.data, "train"), read_split(options.data, "validation")
    model = KNeighborsClassifier(5, weights="distance").fit(train.inputs, train.labels)
    with np.load(options.data / "hidden_inputs.npz", allow_pickle=False) as hidden:
        ids, labels = hidden["ids"], model.predict(hidden["inputs"])
    options.out.mkdir(parents=True, exist_ok=True)
    write(options.out / ARTEFACT, ids, labels)
    print(f"validation accuracy {model.score(validation.inputs, validation.labels):.4f}")


def write(path: Path, ids: NDArray[np.str_], labels: NDArray[np.int64]) -> None:
    """Write a prediction file: the header `id,label`, and the class's name for each id."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "label"])
        writer.writerows((name, CLASSES[label]) for name, label in zip(ids, labels, strict=True))


if __name__ == "__main__":
    main()
