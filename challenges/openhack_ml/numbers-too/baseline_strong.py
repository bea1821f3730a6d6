"""The strong baseline: support vectors on readings and shifted copies of them, exported to ONNX."""

import argparse
from itertools import product
from pathlib import Path

import numpy as np
import onnx
from skl2onnx import to_onnx
from sklearn.svm import SVC

from challenges.splits import Examples, Inputs, Labels, read_split

ARTEFACT = "support-vectors.onnx"
SIDE = 8
OPSETS = {"": 18, "ai.onnx.ml": 3}


def main() -> None:
    """Train on the given folder, write the artefact, print the score on validation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the given folder")
    parser.add_argument("--out", type=Path, required=True, help="where the artefact goes")
    options = parser.parse_args()
    train, validation = read_split(options.data, "train"), read_split(options.data, "validation")
    model = SVC(C=5, decision_function_shape="ovr")
    model.fit(*with_shifted(train.inputs, train.labels))
    options.out.mkdir(parents=True, exist_ok=True)
    onnx.save_model(exported(model, train.inputs[:1]), options.out / ARTEFACT)
    print(f"validation accuracy {model.score(validation.inputs, validation.labels):.4f}")


def with_shifted(inputs: Inputs, labels: Labels) -> Examples:
    """Give the readings, [n, 64], and eight copies shifted by half a cell, [9 n, 64]."""
    images = inputs.reshape(-1, SIDE, SIDE)
    steps = product((-1, 0, 1), repeat=2)
    copies = [half_shifted(half_shifted(images, 1, down), 2, right) for down, right in steps]
    return Examples(np.concatenate(copies).reshape(-1, SIDE * SIDE), np.tile(labels, len(copies)))


def half_shifted(images: Inputs, axis: int, direction: int) -> Inputs:
    """Shift [n, 8, 8] along an axis by half a cell, or by none when direction is 0."""
    return (images + np.roll(images, direction, axis)) / 2


def exported(model: SVC, example: Inputs) -> onnx.ModelProto:
    """Convert to ONNX with one output, the scores [n, classes]; the converter calls them probabilities."""
    proto: onnx.ModelProto = to_onnx(model, example, options={"zipmap": False}, target_opset=OPSETS)
    scores = next(output for output in proto.graph.output if output.name == "probabilities")
    del proto.graph.output[:]
    proto.graph.output.append(scores)
    onnx.checker.check_model(proto)
    return proto


if __name__ == "__main__":
    main()
