"""From `model.py` to a zip that you can submit, with its score on validation data. Takes a second.

    python starter.py --data GIVEN_FOLDER

It needs numpy and Pillow.
"""

import argparse
import zipfile
from pathlib import Path

import model
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--data", type=Path, required=True, help="the folder that you were given")
parser.add_argument("--out", type=Path, default=Path("model.zip"), help="the file to submit")
options = parser.parse_args()

with np.load(options.data / "validation.npz", allow_pickle=False) as arrays:
    stored, wanted = arrays["inputs"], arrays["labels"]
made = model.predict(stored.astype(np.float32) / 255)
off = np.abs(made.astype(int) - wanted).max(axis=(1, 2, 3))
print(f"images right on validation: {(off <= 2).mean():.3f}")

with zipfile.ZipFile(options.out, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.write(Path(model.__file__), "model.py")
print(f"Submit {options.out}")
