"""What an ONNX file says of itself, read without running it."""

from collections.abc import Callable, Iterator
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from . import onnx_macs, onnx_parts
from .faults import Refused

_NOT_WEIGHTS = {onnx.TensorProto.INT64, onnx.TensorProto.BOOL, onnx.TensorProto.STRING}
_MOST_NAMED = 20
_LARGE_BYTES = 4096


def parse(artefact: bytes) -> onnx.ModelProto:
    """The model, or `Refused` when the bytes are no ONNX model."""
    try:
        model = onnx.load_model_from_string(artefact)
    except DecodeError as error:
        raise Refused("unreadable", f"the ONNX protobuf does not parse: {error}") from error
    if not model.HasField("graph") or not model.graph.output:
        raise Refused("unreadable", "an ONNX file without a graph that has outputs")
    return model


def graphs(model: onnx.ModelProto) -> Iterator[Any]:
    """The graph, every graph nested in its nodes, and the bodies of the model's own functions."""
    waiting: list[Any] = [model.graph, *model.functions]
    while waiting:
        graph = waiting.pop()
        yield graph
        attributes = [attribute for node in graph.node for attribute in node.attribute]
        for attribute in attributes:
            waiting += [attribute.g] if attribute.HasField("g") else []
            waiting += attribute.graphs


def tensors(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """Every tensor that the file holds: initializers, and constants in nodes at any depth."""
    for graph in graphs(model):
        if isinstance(graph, onnx.GraphProto):
            yield from graph.initializer
            yield from (sparse.values for sparse in graph.sparse_initializer)
        for node in graph.node:
            for attribute in node.attribute:
                yield from ([attribute.t] if attribute.HasField("t") else [])
                yield from attribute.tensors
                yield from ([attribute.sparse_tensor.values] if attribute.HasField("sparse_tensor") else [])


def _size(tensor: onnx.TensorProto) -> int:
    size = 1
    for dimension in tensor.dims:
        size *= max(dimension, 0)
    return size


def parameters(model: onnx.ModelProto) -> int:
    """Numbers that were learned: tensors, wherever they are kept, and lists of floats of nodes.

    Weights are also found in Constant nodes and branches, where a sum over the graph's
    initializers would miss them; integers of 64 bits are shapes and indices, and don't count.
    """
    count = sum(_size(tensor) for tensor in tensors(model) if tensor.data_type not in _NOT_WEIGHTS)
    nodes = (node for graph in graphs(model) for node in graph.node)
    return count + sum(len(attribute.floats) for node in nodes for attribute in node.attribute)


def weights_of(model: onnx.ModelProto) -> dict[str, int]:
    """How many learned numbers each named tensor of the graph has."""
    found = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant" and node.output:
            for attribute in node.attribute:
                if attribute.HasField("t"):
                    found[node.output[0]] = attribute.t
    return {name: _size(tensor) for name, tensor in found.items() if tensor.data_type not in _NOT_WEIGHTS}


def foreign_domains(model: onnx.ModelProto) -> list[str]:
    """Domains of operators that are neither ONNX's own nor functions of the model.

    A function of the model in a vendor's domain opens that domain for no other operator.
    """
    known = {"", "ai.onnx", "ai.onnx.ml"}
    own = {(function.domain, function.name) for function in model.functions}
    nodes = (node for graph in graphs(model) for node in graph.node)
    used = {node.domain for node in nodes if (node.domain, node.op_type) not in own}
    return sorted(used - known)[:_MOST_NAMED]


def external_files(model: onnx.ModelProto) -> list[str]:
    """Names of files outside of the artefact in which its tensors would lie."""
    outside = (t for t in tensors(model) if t.data_location == onnx.TensorProto.EXTERNAL or t.external_data)
    names = {entry.value for tensor in outside for entry in tensor.external_data if entry.key == "location"}
    return sorted(names)[:_MOST_NAMED]


def _dimension(dimension: Any) -> int | str | None:
    if dimension.HasField("dim_value"):
        return int(dimension.dim_value)
    return str(dimension.dim_param)[:100] or None


def _value(value: onnx.ValueInfoProto) -> dict[str, Any]:
    """Name, type and shape of an input or an output; shape None where the file doesn't say."""
    kind = value.type.WhichOneof("value")
    if kind != "tensor_type":
        return {"name": value.name[:100], "type": (kind or "unknown").removesuffix("_type"), "shape": None}
    tensor = value.type.tensor_type
    shape = [_dimension(d) for d in tensor.shape.dim] if tensor.HasField("shape") else None
    name = onnx.TensorProto.DataType.Name(tensor.elem_type).lower()
    return {"name": value.name[:100], "type": name, "shape": shape}


def _is_large_constant(node: onnx.NodeProto) -> bool:
    return node.op_type == "Constant" and any(a.t.ByteSize() > _LARGE_BYTES for a in node.attribute)


def _constant(node: onnx.NodeProto) -> onnx.TensorProto:
    found: onnx.TensorProto = next(a.t for a in node.attribute if a.t.ByteSize() > _LARGE_BYTES)
    return found


def lighten(model: onnx.ModelProto) -> set[str]:
    """Turn the large tensors of the graph into inputs of the same type and shape; their names.

    What is asked next, shapes and validity, depends on these alone; and both would copy all the weights,
    which takes seconds for 100 MB. onnxruntime checks the weights themselves when it loads them.
    """
    graph = model.graph
    declared = {value.name for value in graph.input}
    large = [(t.name, t) for t in graph.initializer if t.ByteSize() > _LARGE_BYTES]
    constants = [(n.output[0], _constant(n)) for n in graph.node if _is_large_constant(n)]
    named = [*large, *constants]
    undeclared = [(name, tensor) for name, tensor in named if name not in declared]
    for name, tensor in undeclared:
        graph.input.append(onnx.helper.make_tensor_value_info(name, tensor.data_type, list(tensor.dims)))
    _keep(graph.initializer, lambda tensor: tensor.ByteSize() <= _LARGE_BYTES)
    if constants:
        _keep(graph.node, lambda node: not _is_large_constant(node))
    return {name for name, _ in named}


def _keep(repeated: Any, wanted: Callable[[Any], bool]) -> None:
    kept = [item for item in repeated if wanted(item)]
    del repeated[:]
    repeated.extend(kept)


def read(artefact: bytes, newest_opset: int, shape: list[int] | None = None) -> dict[str, Any]:
    """All facts, as JSON will carry them; with the `shape` of an example also where the cost lies."""
    model = parse(artefact)
    weights = {initializer.name for initializer in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    opsets = {entry.domain or "ai.onnx": entry.version for entry in model.opset_import}
    external = external_files(model)
    found = {
        "ir_version": model.ir_version,
        "opset": opsets.get("ai.onnx", 0),
        "newest_opset": newest_opset,
        "producer": f"{model.producer_name} {model.producer_version}".strip()[:100],
        "inputs": [_value(value) for value in inputs[:_MOST_NAMED]],
        "outputs": [_value(value) for value in model.graph.output[:_MOST_NAMED]],
        "parameters": parameters(model),
        "external_files": external,
        "foreign_domains": foreign_domains(model),
    }
    if external:
        return {**found, "macs": None, "problem": None}
    sizes = {} if shape is None else weights_of(model)
    weights |= lighten(model)
    priced = onnx_macs.priced(model, weights)
    found |= {"macs": onnx_macs.total(priced), "problem": _problem(model)}
    if shape is not None:
        found["breakdown"] = onnx_parts.breakdown(model, weights, sizes, priced, shape)
    return found


def _problem(model: onnx.ModelProto) -> str | None:
    """What the ONNX checker objects to, if anything."""
    try:
        onnx.checker.check_model(model)
    except (onnx.checker.ValidationError, ValueError) as error:
        return str(error)[:1000]
    return None
