"""How well somebody does who only looks hidden examples up in the public data they come from.

python -m challenges.lookup FOLDER HIDDEN_SET      prints a LookUp as JSON, or null without a source
"""

import json
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from challenges.build import load_builder
from challenges.bundle import read
from challenges.manifest import HIDDEN_SPLITS
from challenges.splits import Examples, Inputs, read_split

LONGEST = 512
"""Numbers that describe an example in the search; images are reduced to it, or a look-up takes minutes."""
CHUNK = 2000


class LookUp(NamedTuple):
    """The outcome of a look-up: the share of the hidden examples that it labels rightly."""

    accuracy: float
    examples: int
    source_items: int


def look_up(folder: Path, hidden_set: Path) -> LookUp | None:
    """Look every hidden example of a built bundle up in the bundle's public source.

    The source is what the builder's function `public_source()` returns, as Examples in the form of the
    task's inputs. None when the builder has no such function: its data is public nowhere.
    """
    builder = load_builder(read(folder))
    if not hasattr(builder, "public_source"):
        return None
    source: Examples = builder.public_source()
    splits = [read_split(hidden_set, split) for split in HIDDEN_SPLITS]
    hidden = Examples(*(np.concatenate([split[part] for split in splits]) for part in (0, 1)))
    return LookUp(accuracy(hidden, source), len(hidden.labels), len(source.labels))


def accuracy(hidden: Examples, source: Examples) -> float:
    """Give the share of hidden examples whose nearest source item has their label.

    Nearest by correlation, which forgives changes of light and contrast.
    """
    wanted = _described(hidden.inputs)
    best = np.full(len(wanted), -np.inf, np.float32)
    labels = np.zeros(len(wanted), np.int64)
    for start in range(0, len(source.labels), CHUNK):
        similarity = wanted @ _described(source.inputs[start : start + CHUNK]).T
        nearest = similarity.argmax(1)
        value = similarity[np.arange(len(wanted)), nearest]
        labels = np.where(value > best, source.labels[start + nearest], labels)
        best = np.maximum(best, value)
    return float((labels == hidden.labels).mean())


def _described(inputs: Inputs) -> NDArray[np.float32]:
    """Describe each example by a vector of mean 0 and length 1, [n, at most LONGEST numbers]."""
    rows = _reduced(inputs).reshape(len(inputs), -1).astype(np.float32)
    rows -= rows.mean(1, keepdims=True)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(length, 1e-9), np.float32)


def _reduced(inputs: Inputs) -> Inputs:
    """Average an image's channels, and halve its sides until it is short enough; leave a table as it is."""
    if inputs.ndim == 2:
        return inputs
    images: NDArray[np.float32] = inputs.mean(1, dtype=np.float32)
    while images[0].size > LONGEST:
        even = images[:, : images.shape[1] // 2 * 2, : images.shape[2] // 2 * 2]
        images = even.reshape(len(even), even.shape[1] // 2, 2, even.shape[2] // 2, 2).mean((2, 4))
    return images


if __name__ == "__main__":
    found = look_up(Path(sys.argv[1]), Path(sys.argv[2]))
    print(json.dumps(found and found._asdict()))
