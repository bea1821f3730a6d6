"""A first model from the given data to a file that you can submit. Takes some seconds.

    python starter.py --data GIVEN_FOLDER

It needs numpy, scikit-learn and skops. The model sees each image as 4,800 numbers in 0..1 and knows
nothing of shapes: there is much to gain.
"""

import argparse
from pathlib import Path

import numpy as np
import skops.io
from sklearn.decomposition import PCA
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC


def load(folder: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Give images as the platform hands them to a scikit-learn model, [n, 3 * 40 * 40], and labels, [n]."""
    with np.load(folder / f"{split}.npz", allow_pickle=False) as arrays:
        images, labels = arrays["inputs"], arrays["labels"]
    return images.reshape(len(images), -1).astype(np.float32) / 255, labels


parser = argparse.ArgumentParser()
parser.add_argument("--data", type=Path, required=True, help="the folder that you were given")
parser.add_argument("--out", type=Path, default=Path("model.skops"), help="the file to submit")
options = parser.parse_args()

inputs, labels = load(options.data, "train")
model = make_pipeline(PCA(40, random_state=0), SVC(C=4))
model.fit(inputs, labels)

inputs, labels = load(options.data, "validation")
score = balanced_accuracy_score(labels, model.predict(inputs))
print(f"balanced accuracy on validation: {score:.3f}")

skops.io.dump(model, options.out)
print(f"Submit {options.out}")
