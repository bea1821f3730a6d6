"""The weak baseline: logistic regression on the 64 numbers, saved with skops."""

import argparse
from pathlib import Path

import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from challenges.splits import read_split

ARTEFACT = "logistic-regression.skops"


def main() -> None:
    """Train on the given folder, write the artefact, print the score on validation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the given folder")
    parser.add_argument("--out", type=Path, required=True, help="where the artefact goes")
    options = parser.parse_args()
    train, validation = read_split(options.data, "train"), read_split(options.data, "validation")
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    model.fit(train.inputs, train.labels)
    options.out.mkdir(parents=True, exist_ok=True)
    skops.io.dump(model, options.out / ARTEFACT)
    print(f"validation accuracy {model.score(validation.inputs, validation.labels):.4f}")


if __name__ == "__main__":
    main()
