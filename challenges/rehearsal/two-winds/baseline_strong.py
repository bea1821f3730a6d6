"""The strong baseline: a logistic regression."""

import argparse
from pathlib import Path

import skops.io
from sklearn.linear_model import LogisticRegression

from challenges.splits import read_split

ARTEFACT = "logistic-regression.skops"


def main() -> None:
    """Fit on the given folder, write the artefact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the given folder")
    parser.add_argument("--out", type=Path, required=True, help="where the artefact goes")
    options = parser.parse_args()
    train = read_split(options.data, "train")
    options.out.mkdir(parents=True, exist_ok=True)
    model = LogisticRegression(max_iter=500).fit(train.inputs, train.labels)
    skops.io.dump(model, options.out / ARTEFACT)


if __name__ == "__main__":
    main()
