"""Where in a model its cost lies: counted in a box, of files that may be anything."""

import io
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from scoring.learned import LONGEST_NAME, Breakdown
from scoring.sandbox.inside import onnx_facts, onnx_parts
from tests.scoring.fixtures import Score
from tests.scoring.models import image_splits, image_task
from tests.scoring.test_budget import COST, PARAMETERS, Net, limits, onnx_net


def breakdown_of(model: bytes, shape: tuple[int, ...] = (3, 8, 8)) -> Breakdown:
    """As the box tells it and the worker takes it."""
    return Breakdown.model_validate(onnx_facts.read(model, 20, list(shape))["breakdown"])


def graph_of(nodes: list[Any], weights: dict[str, tuple[int, ...]], size: Any = 8) -> bytes:
    """A model of images [n, 3, size, size] named x with an output y, and weights of these shapes."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, size, size])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    tensors = [
        onnx.numpy_helper.from_array(np.zeros(shape, np.float32), name) for name, shape in weights.items()
    ]
    graph = helper.make_graph(nodes, "g", [x], [y], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())


def test_kinds_add_up_to_the_whole_and_the_costliest_comes_first() -> None:
    found = breakdown_of(onnx_net())
    assert [(part.kind, part.macs, part.parameters) for part in found.kinds[:2]] == [
        ("Conv", COST - 12, 3 * 4 * 9 + 4),
        ("Gemm", 12, 4 * 3 + 3),
    ]
    assert sum(part.macs or 0 for part in found.kinds) == COST
    assert sum(part.parameters for part in found.kinds) == PARAMETERS


def test_layers_are_named_in_the_order_of_the_model() -> None:
    assert [layer.kind for layer in breakdown_of(onnx_net()).layers] == ["Conv", "Gemm"]


def test_a_model_that_pools_tells_its_cost_at_other_resolutions() -> None:
    sizes = breakdown_of(onnx_net()).sizes
    assert [(size.height, size.width) for size in sizes] == [(4, 4), (6, 6), (8, 8), (12, 12), (16, 16)]
    by_side = {size.height: size.macs for size in sizes}
    assert by_side[8] == COST
    assert by_side[16] - 12 == 4 * (COST - 12)


def test_a_model_whose_layer_is_for_one_resolution_tells_none() -> None:
    nodes = [
        helper.make_node("Flatten", ["x"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w"], ["y"]),
    ]
    found = breakdown_of(graph_of(nodes, {"w": (192, 2)}))
    assert found.sizes == []
    assert found.kinds[0].macs == 384


def test_a_model_that_turns_places_into_examples_tells_none() -> None:
    shape = onnx.numpy_helper.from_array(np.array([-1, 192]), "shape")
    nodes = [
        helper.make_node("Constant", [], ["shape"], value=shape),
        helper.make_node("Reshape", ["x", "shape"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["y"]),
    ]
    assert breakdown_of(graph_of(nodes, {"w": (192, 2)})).sizes == []


def test_a_weight_that_two_layers_share_is_counted_once() -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]),
        helper.make_node("Conv", ["a", "w"], ["y"], pads=[1, 1, 1, 1]),
    ]
    [kind] = breakdown_of(graph_of(nodes, {"w": (3, 3, 3, 3)})).kinds
    assert (kind.count, kind.parameters) == (2, 81)


def test_what_cannot_be_counted_is_told_as_unknown_and_not_as_nothing() -> None:
    nodes = [
        helper.make_node("STFT", ["x", "w"], ["a"]),
        helper.make_node("Conv", ["x", "w"], ["y"]),
    ]
    kinds = {part.kind: part.macs for part in breakdown_of(graph_of(nodes, {"w": (3, 3, 3, 3)})).kinds}
    assert kinds["STFT"] is None
    assert kinds["Conv"] == 3 * 6 * 6 * 27


def test_names_of_any_length_and_kinds_of_any_number_stay_short() -> None:
    names = "Relu Abs Neg Exp Log Sin Cos Tan Sqrt Ceil Floor Erf Sign Tanh"
    nodes, last = [], "x"
    for step, kind in enumerate(names.split() * 50):
        nodes.append(helper.make_node(kind, [last], [f"t{step}"], name="\u202e" + "long" * 1000))
        last = f"t{step}"
    nodes.append(helper.make_node("Conv", [last, "w"], ["y"], name="<script>\x1b[2J" * 100))
    found = breakdown_of(graph_of(nodes, {"w": (3, 3, 3, 3)}))
    assert len(found.kinds) == onnx_parts.MOST_KINDS
    assert found.kinds[-1].kind == "others"
    assert sum(part.count for part in found.kinds) == len(nodes)
    assert [len(layer.name) for layer in found.layers] == [LONGEST_NAME]


def test_a_run_in_a_box_brings_it_with_its_insight(score: Score) -> None:
    evaluation = score(onnx_net(), image_task(), image_splits(), limits(macs=10**6))
    assert evaluation.verdict is None
    assert evaluation.insight is not None
    assert evaluation.insight.breakdown == breakdown_of(onnx_net())


def test_what_a_file_calls_its_layers_cannot_disturb_a_terminal(score: Score) -> None:
    model = onnx.load_model_from_string(onnx_net())
    for node in model.graph.node:
        node.name = "\x1b[2J\u202e" + node.op_type
    evaluation = score(bytes(model.SerializeToString()), image_task(), image_splits(), limits(macs=10**6))
    assert evaluation.insight is not None
    assert evaluation.insight.breakdown is not None
    assert evaluation.insight.breakdown.layers[0].name == "\\x1b[2J\\u202eConv"


def test_a_program_of_torch_tells_it_by_operator(score: Score) -> None:
    buffer = io.BytesIO()
    traced = torch.jit.trace(Net().eval(), torch.zeros(1, 3, 8, 8))  # type: ignore[no-untyped-call]
    torch.jit.save(traced, buffer)
    evaluation = score(buffer.getvalue(), image_task(), image_splits(), limits(macs=10**6))
    assert evaluation.insight is not None
    assert evaluation.insight.breakdown is not None
    kinds = {part.kind: (part.macs, part.parameters) for part in evaluation.insight.breakdown.kinds}
    assert sum(macs or 0 for macs, _ in kinds.values()) == COST
    assert sum(numbers for _, numbers in kinds.values()) == PARAMETERS
    assert kinds == {"convolution": (COST - 12, 112), "addmm": (12, 15)}


@pytest.mark.parametrize("part", ["kinds", "layers", "sizes"])
def test_a_box_that_tells_more_than_fits_is_not_believed(part: str) -> None:
    one = {"name": "", "kind": "Conv", "count": 1, "macs": 1, "parameters": 1}
    many = {"height": 1, "width": 1, "macs": 1} if part == "sizes" else one
    with pytest.raises(ValueError, match="at most"):
        Breakdown.model_validate({part: [many] * 17})
