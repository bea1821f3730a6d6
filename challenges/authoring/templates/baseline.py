"""A first baseline: a linear model for whatever the task is, written as ONNX node by node.

Classes and numbers are fitted by ridge regression on the values, pooled where the input is an image; pixels
by ridge regression on their colours; boxes are always the average one of each class; an embedding is the
pooled image.
"""

import argparse
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from challenges.splits import LabelledSplit, model_input, read_split

ARTEFACT = "linear.onnx"
TASK: dict[str, Any] = tomllib.loads(Path(__file__).with_name("challenge.toml").read_text("utf-8"))["task"]
KIND, CLASSES = TASK["kind"], len(TASK.get("classes", []))
LARGEST_SIDE = 16
"""Images are pooled until no side is longer, pixels."""
RIDGE = 1e-2
MOST_PIXELS = 200_000
IGNORED = 255

Floats = NDArray[np.float32]
Model = tuple[list[onnx.NodeProto], dict[str, NDArray[Any]]]
"""Nodes from `input` to `output`, and the constants that they name."""


def main() -> None:
    """Train on the given folder and write the artefact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the given folder")
    parser.add_argument("--out", type=Path, required=True, help="where the artefact goes")
    options = parser.parse_args()
    train = read_split(options.data, "train")
    options.out.mkdir(parents=True, exist_ok=True)
    onnx.save_model(built(*MODELS[KIND](train), train.inputs.shape[1:]), options.out / ARTEFACT)


def built(
    nodes: list[onnx.NodeProto], constants: dict[str, NDArray[Any]], shape: tuple[int, ...]
) -> onnx.ModelProto:
    """Make one self-contained model with a free batch size."""
    given = helper.make_tensor_value_info("input", TensorProto.FLOAT, ["n", *shape])
    gives = helper.make_tensor_value_info("output", TensorProto.FLOAT, None)
    stored = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "linear", [given], [gives], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    inferred: onnx.ModelProto = onnx.shape_inference.infer_shapes(model)
    onnx.checker.check_model(inferred)
    return inferred


def steps(shape: tuple[int, ...]) -> list[int]:
    """By how much each side of an image is pooled."""
    return [-(-side // LARGEST_SIDE) for side in shape[-2:]]


def pooling(shape: tuple[int, ...]) -> list[onnx.NodeProto]:
    """Nodes from `input` to `flat`, [n, values]."""
    if len(shape) == 1:
        return [helper.make_node("Identity", ["input"], ["flat"])]
    step = steps(shape)
    return [
        helper.make_node("AveragePool", ["input"], ["pooled"], kernel_shape=step, strides=step),
        helper.make_node("Flatten", ["pooled"], ["flat"], axis=1),
    ]


def pooled(split: LabelledSplit) -> Floats:
    """What `pooling` gives, in numpy."""
    if split.inputs.ndim == 2:
        return model_input(split.inputs)
    (down, across), (count, channels, height, width) = steps(split.inputs.shape), split.inputs.shape
    rows, columns = height // down, width // across
    images = split.inputs[:, :, : rows * down, : columns * across].reshape(
        count, channels, rows, down, columns, across
    )
    means: Floats = images.mean((3, 5), np.float32) / np.float32(255)
    return means.reshape(count, -1)


def ridge(values: NDArray[Any], targets: NDArray[Any]) -> tuple[Floats, Floats]:
    """Weights [values, targets] and biases of a ridge regression on standardised values."""
    mean, scale = values.mean(0, np.float64), values.std(0, np.float64) + 1e-6
    standard, centre = (values - mean) / scale, targets.mean(0)
    normal = standard.T @ standard + RIDGE * len(values) * np.eye(values.shape[1])
    weights = np.linalg.solve(normal, standard.T @ (targets - centre)) / scale[:, None]
    return weights.astype(np.float32), (centre - mean @ weights).astype(np.float32)


def classes(split: LabelledSplit) -> Model:
    """Fit a score for each class, and make probabilities of them."""
    weights, bias = ridge(pooled(split), np.eye(CLASSES)[split.labels])
    scores = helper.make_node("Gemm", ["flat", "weights", "bias"], ["scores"])
    sharp = helper.make_node("Mul", ["scores", "sharpness"], ["sharp"])
    soft = helper.make_node("Softmax", ["sharp"], ["output"], axis=1)
    constants: dict[str, NDArray[Any]] = {
        "weights": weights,
        "bias": bias,
        "sharpness": np.array([5], np.float32),
    }
    return [*pooling(split.inputs.shape[1:]), scores, sharp, soft], constants


def values(split: LabelledSplit) -> Model:
    """Fit a number."""
    weights, bias = ridge(pooled(split), split.labels[:, None])
    fitted = helper.make_node("Gemm", ["flat", "weights", "bias"], ["output"])
    return [*pooling(split.inputs.shape[1:]), fitted], {"weights": weights, "bias": bias}


def pixels(split: LabelledSplit) -> Model:
    """Fit a score for each class and pixel from its colour alone."""
    colours = np.moveaxis(split.inputs, 1, -1).reshape(-1, split.inputs.shape[1])
    found = split.labels.ravel()
    rows = np.flatnonzero(found != IGNORED)
    rows = rows[:: max(1, len(rows) // MOST_PIXELS)]
    weights, bias = ridge(colours[rows].astype(np.float32) / np.float32(255), np.eye(CLASSES)[found[rows]])
    node = helper.make_node("Conv", ["input", "weights", "bias"], ["output"])
    return [node], {"weights": np.ascontiguousarray(weights.T)[:, :, None, None], "bias": bias}


def boxes(split: LabelledSplit) -> Model:
    """The average box of each class, the same for every image."""
    every = split.labels.reshape(-1, 6)
    average = [every[every[:, 4] == number][:, :4].mean(0) for number in range(CLASSES)]
    share = [float((every[:, 4] == number).mean()) + 0.01 for number in range(CLASSES)]
    rows = np.column_stack([average, share, np.arange(CLASSES)]).astype(np.float32)
    nodes = [
        helper.make_node("ReduceMean", ["input"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Reshape", ["nothing", "shape"], ["column"]),
        helper.make_node("Add", ["column", "boxes"], ["output"]),
    ]
    zero, shape = np.array([0], np.float32), np.array([-1, 1, 1], np.int64)
    return nodes, {"zero": zero, "shape": shape, "boxes": rows[None]}


def embedding(split: LabelledSplit) -> Model:
    """The pooled values themselves, as many as an embedding may have."""
    most = TASK.get("embedding_size", 512)
    ends = {"start": np.array([0]), "end": np.array([most]), "axis": np.array([1])}
    cut = helper.make_node("Slice", ["flat", *ends], ["output"])
    return [*pooling(split.inputs.shape[1:]), cut], dict(ends)


MODELS = {
    "classification": classes,
    "regression": values,
    "segmentation": pixels,
    "detection": boxes,
    "similarity": embedding,
}

if __name__ == "__main__":
    main()
