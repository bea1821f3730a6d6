"""The weak baseline: the training data as it is."""

import argparse
import csv
from pathlib import Path

from sklearn.metrics import accuracy_score
from threadpoolctl import threadpool_limits
from trainer import train

from challenges.splits import model_input, read_split

ARTEFACT = "as-it-is.csv"


def main() -> None:
    """Write a list of no changes, print the score on validation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the given folder")
    parser.add_argument("--out", type=Path, required=True, help="where the artefact goes")
    options = parser.parse_args()
    threadpool_limits(1)
    known, validation = read_split(options.data, "train"), read_split(options.data, "validation")
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / ARTEFACT).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(["id", "action", "label"])
    model = train(model_input(known.inputs), known.labels, 0)
    predicted = model.predict(model_input(validation.inputs)).argmax(1)
    print(f"validation accuracy {accuracy_score(validation.labels, predicted):.4f}")


if __name__ == "__main__":
    main()
