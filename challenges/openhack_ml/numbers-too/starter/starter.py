"""A first prediction file from the given data. Takes a second.

    python starter.py --data GIVEN_FOLDER

It needs numpy and scikit-learn.
"""

import argparse
import csv
from pathlib import Path

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def load(path: Path) -> tuple[list[str], list[list[float]], list[str]]:
    """Read one of the given CSV files: ids, rows of 64 numbers, and labels where there are any."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    inputs = [[float(row[name]) for name in row if name.startswith("cell_")] for row in rows]
    return [row["id"] for row in rows], inputs, [row.get("label", "") for row in rows]


parser = argparse.ArgumentParser()
parser.add_argument("--data", type=Path, required=True, help="the folder that you were given")
parser.add_argument("--out", type=Path, default=Path("predictions.csv"), help="the file to submit")
options = parser.parse_args()

_, inputs, labels = load(options.data / "train.csv")
model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
model.fit(inputs, labels)

_, inputs, labels = load(options.data / "validation.csv")
print(f"accuracy on validation: {model.score(inputs, labels):.3f}")

ids, inputs, _ = load(options.data / "hidden_inputs.csv")
with options.out.open("w", encoding="utf-8", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["id", "label"])
    writer.writerows(zip(ids, model.predict(inputs), strict=True))
print(f"Submit {options.out}")
