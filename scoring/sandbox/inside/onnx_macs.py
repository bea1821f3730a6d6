"""Multiply-accumulates of an ONNX model for one example.

One counter for everybody: shape inference at batch 1, then convolutions, matrix products,
Einsum, linear models and support vectors are counted, and nothing else. None where a shape stays
unknown, where products are in a loop, and where an operator has products that are not counted here,
since a wrong figure would rank models.
"""

from collections.abc import Callable, Collection
from math import prod
from typing import Any

import onnx
from onnx import inliner, shape_inference

Shapes = dict[str, tuple[int, ...]]
Priced = list[tuple[onnx.NodeProto, int | None]]
"""Each node of a graph with its multiply-accumulates, None where they cannot be told."""


class Unknown(Exception):
    """A shape that the count needs is not known before the model runs."""


def _at_batch_one(
    model: onnx.ModelProto, weights: Collection[str], size: tuple[int, int] | None
) -> onnx.ModelProto:
    copy = onnx.ModelProto()
    copy.CopyFrom(inliner.inline_local_functions(model) if model.functions else model)
    for value in copy.graph.input:
        dimensions = value.type.tensor_type.shape.dim
        if value.name not in weights and dimensions:
            dimensions[0].dim_value = 1
            if size is not None and len(dimensions) == 4:
                dimensions[2].dim_value, dimensions[3].dim_value = size
    for value in copy.graph.output:
        value.type.tensor_type.ClearField("shape")
    del copy.graph.value_info[:]
    return shape_inference.infer_shapes(copy, strict_mode=size is not None, data_prop=True)


def _shapes(graph: onnx.GraphProto, outer: Shapes) -> Shapes:
    found = dict(outer)
    for tensor in graph.initializer:
        found[tensor.name] = tuple(tensor.dims)
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type == "Constant" and attribute.HasField("t"):
                found[node.output[0]] = tuple(attribute.t.dims)
    for value in (*graph.input, *graph.value_info, *graph.output):
        tensor_type = value.type.tensor_type
        dimensions = tensor_type.shape.dim
        if tensor_type.HasField("shape") and all(d.HasField("dim_value") for d in dimensions):
            found[value.name] = tuple(d.dim_value for d in dimensions)
    return found


def _of(shapes: Shapes, name: str) -> tuple[int, ...]:
    if name not in shapes:
        raise Unknown(name)
    return shapes[name]


def _attribute(node: onnx.NodeProto, name: str, default: Any) -> Any:
    found = [onnx.helper.get_attribute_value(a) for a in node.attribute if a.name == name]
    return found[0] if found else default


def _convolution(node: onnx.NodeProto, shapes: Shapes, weights: int) -> int:
    """Each output value sums over the kernel and the input channels of its group."""
    return prod(_of(shapes, node.output[0])) * prod(_of(shapes, node.input[weights])[1:])


def _transposed(node: onnx.NodeProto, shapes: Shapes) -> int:
    """Each input value is spread over the kernel and the output channels of its group."""
    return prod(_of(shapes, node.input[0])) * prod(_of(shapes, node.input[1])[1:])


def _gemm(node: onnx.NodeProto, shapes: Shapes) -> int:
    left, right = _of(shapes, node.input[0]), _of(shapes, node.input[1])
    inner = left[0] if _attribute(node, "transA", 0) else left[1]
    _need_same(inner, right[1] if _attribute(node, "transB", 0) else right[0], node)
    return prod(_of(shapes, node.output[0])) * inner


def _need_same(left: int, right: int, node: onnx.NodeProto) -> None:
    """Shape inference lets sides pass that do not fit, as at a resolution that a layer is not for."""
    if left != right:
        raise Unknown(node.output[0])


def _matmul(node: onnx.NodeProto, shapes: Shapes) -> int:
    left, right = _of(shapes, node.input[0]), _of(shapes, node.input[_RIGHT.get(node.op_type, 1)])
    _need_same(left[-1], right[-2] if len(right) > 1 else right[0], node)
    return prod(_of(shapes, node.output[0])) * left[-1]


_RIGHT = {"QLinearMatMul": 3}
"""Which input is the right side of a product, where that is not the second."""


def _einsum(node: onnx.NodeProto, shapes: Shapes) -> int:
    """One product for each combination of the letters."""
    equation = _attribute(node, "equation", b"").decode().replace(" ", "")
    if "." in equation:
        raise Unknown(node.output[0])
    sizes: dict[str, int] = {}
    for letters, name in zip(equation.split("->")[0].split(","), node.input, strict=True):
        sizes.update(zip(letters, _of(shapes, name), strict=True))
    return prod(sizes.values())


def _linear(node: onnx.NodeProto, shapes: Shapes) -> int:
    """The linear models of ai.onnx.ml: each coefficient is used once an example."""
    return len(_attribute(node, "coefficients", []))


def _support_vectors(node: onnx.NodeProto, shapes: Shapes) -> int:
    """Each support vector is multiplied with the example, and its kernel with each coefficient."""
    return len(_attribute(node, "support_vectors", [])) + len(_attribute(node, "coefficients", []))


COUNTERS: dict[str, Callable[[onnx.NodeProto, Shapes], int]] = {
    "Conv": lambda node, shapes: _convolution(node, shapes, weights=1),
    "ConvInteger": lambda node, shapes: _convolution(node, shapes, weights=1),
    "QLinearConv": lambda node, shapes: _convolution(node, shapes, weights=3),
    "ConvTranspose": _transposed,
    "Gemm": _gemm,
    "MatMul": _matmul,
    "MatMulInteger": _matmul,
    "QLinearMatMul": _matmul,
    "Einsum": _einsum,
    "LinearClassifier": _linear,
    "LinearRegressor": _linear,
    "SVMClassifier": _support_vectors,
    "SVMRegressor": _support_vectors,
}


LOOPS = frozenset({"Loop", "Scan", "SequenceMap"})
"""Operators that run a graph as often as they like."""

UNCOUNTED = frozenset({"Attention", "DeformConv", "DFT", "GRU", "LSTM", "RNN", "STFT"})
"""Operators of many products for which there is no formula here."""


def _count(graph: onnx.GraphProto, outer: Shapes) -> int:
    shapes = _shapes(graph, outer)
    return sum(_of_node(node, shapes) for node in graph.node)


def _of_node(node: onnx.NodeProto, shapes: Shapes) -> int:
    """Those of a node and of all its branches, of which only one runs."""
    if node.op_type in UNCOUNTED:
        raise Unknown(node.op_type)
    own = COUNTERS[node.op_type](node, shapes) if node.op_type in COUNTERS else 0
    nested = [a.g for a in node.attribute if a.HasField("g")]
    nested += [graph for a in node.attribute for graph in a.graphs]
    inside = sum(_count(inner, shapes) for inner in nested)
    if inside and node.op_type in LOOPS:
        raise Unknown(node.op_type)
    return own + inside


def _told(node: onnx.NodeProto, shapes: Shapes) -> int | None:
    try:
        return _of_node(node, shapes)
    except (Unknown, ValueError, IndexError):
        return None


def _inferred(
    model: onnx.ModelProto, weights: Collection[str] | None, size: tuple[int, int] | None
) -> onnx.GraphProto | None:
    known = {tensor.name for tensor in model.graph.initializer} if weights is None else weights
    try:
        return _at_batch_one(model, known, size).graph
    except (ValueError, shape_inference.InferenceError, onnx.checker.ValidationError):
        return None


def priced(model: onnx.ModelProto, weights: Collection[str] | None = None) -> Priced | None:
    """The nodes of the graph for one example; None where shapes cannot be worked out.

    `weights` names inputs that are no examples, by default those that have an initializer.
    """
    graph = _inferred(model, weights, None)
    if graph is None:
        return None
    shapes = _shapes(graph, {})
    return [(node, _told(node, shapes)) for node in graph.node]


def total(nodes: Priced | None) -> int | None:
    """Multiply-accumulates of all nodes, all branches counted; None where they cannot be told."""
    if nodes is None:
        return None
    found = [macs for _, macs in nodes if macs is not None]
    return sum(found) if len(found) == len(nodes) else None


def count(
    model: onnx.ModelProto, weights: Collection[str] | None = None, size: tuple[int, int] | None = None
) -> int | None:
    """Multiply-accumulates for one example; None where they cannot be told.

    With `size`, for images of that height and width; None also where the model does not take these.
    """
    if size is None:
        return total(priced(model, weights))
    graph = _inferred(model, weights, size)
    if graph is None or not graph.node:
        return None
    shapes = _shapes(graph, {})
    outputs = [shapes.get(value.name) for value in graph.output]
    if any(shape is None or shape[:1] != (1,) for shape in outputs):
        return None
    return total([(node, _told(node, shapes)) for node in graph.node])
