"""An honest model that takes its time: a few large matrix products for each image."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

PIXELS, WIDTH, PRODUCTS, CLASSES = 3 * 40 * 40, 2048, 6, 10


def filled(name: str, value: float) -> onnx.NodeProto:
    """A matrix of one value, which takes no room in the file."""
    tensor = numpy_helper.from_array(np.array([value], dtype=np.float32))
    return helper.make_node("ConstantOfShape", [f"{name}_shape"], [name], value=tensor)


def save(path: Path) -> Path:
    """Write the model for `first-steps`: float32 [n, 3, 40, 40] to [n, 10]."""
    sizes = [(PIXELS, WIDTH), *[(WIDTH, WIDTH)] * PRODUCTS, (WIDTH, CLASSES)]
    nodes = [helper.make_node("Flatten", ["images"], ["h0"], axis=1)]
    shapes = []
    for i, (rows, columns) in enumerate(sizes):
        shapes.append(numpy_helper.from_array(np.array([rows, columns], dtype=np.int64), f"w{i}_shape"))
        nodes.append(filled(f"w{i}", 1 / rows))
        nodes.append(helper.make_node("MatMul", [f"h{i}", f"w{i}"], [f"h{i + 1}"]))
    nodes[-1].output[0] = "scores"
    graph = helper.make_graph(
        nodes,
        "slow",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, 40, 40])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", CLASSES])],
        initializer=shapes,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    onnx.save_model(model, path)
    return path
