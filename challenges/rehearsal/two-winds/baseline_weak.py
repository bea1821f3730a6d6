"""The weak baseline: the wind whose mean first reading is nearest. Only its answers are handed in."""

import argparse
from pathlib import Path

import numpy as np

from challenges.splits import read_split

ARTEFACT = "nearest-mean.csv"
CLASSES = ("land", "sea", "lull")


def main() -> None:
    """Fit on the given folder, write the artefact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the given folder, with hidden_inputs.npz")
    parser.add_argument("--out", type=Path, required=True, help="where the artefact goes")
    options = parser.parse_args()
    train = read_split(options.data, "train")
    means = np.stack([train.inputs[train.labels == wind, 0].mean() for wind in range(len(CLASSES))])
    with np.load(options.data / "hidden_inputs.npz", allow_pickle=False) as hidden:
        ids, inputs = hidden["ids"], hidden["inputs"]
    nearest = np.abs(inputs[:, :1] - means).argmin(axis=1)
    options.out.mkdir(parents=True, exist_ok=True)
    lines = [f"{name},{CLASSES[wind]}" for name, wind in zip(ids, nearest, strict=True)]
    (options.out / ARTEFACT).write_text("\n".join(["id,label", *lines, ""]))


if __name__ == "__main__":
    main()
