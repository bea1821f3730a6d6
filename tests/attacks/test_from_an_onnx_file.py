"""Attacks by ONNX files: bombs, other files, code, and what is only shaped like a model."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from challenges.manifest import Limits
from scoring.job import VerdictCode
from tests.scoring.fixtures import Inspect, Score
from tests.scoring.models import identity, onnx_model

QUICK = Limits(wall_seconds=3, memory_mb=384)


def filled(size: list[int]) -> onnx.ModelProto:
    """Makes a tensor of `size` while it runs, and adds its smallest number to the scores."""
    nodes = [
        helper.make_node("ConstantOfShape", ["size"], ["huge"]),
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("ReduceMax", ["huge"], ["zero"], keepdims=0),
        helper.make_node("Add", ["x", "zero"], ["y"]),
    ]
    return onnx_model(nodes, ["n", 3], ["n", 3], {"size": np.array(size, np.int64)})


def endless() -> onnx.ModelProto:
    """Loops 2**62 times."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Sin", ["v"], ["w"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("w", TensorProto.FLOAT, None),
        ],
    )
    weights = {"times": np.array(2**62, np.int64), "yes": np.array(True)}
    return onnx_model(
        [helper.make_node("Loop", ["times", "yes", "x"], ["y"], body=body)], ["n", 3], ["n", 3], weights
    )


def outside(location: str) -> onnx.ModelProto:
    model = identity()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    return model


def nested(depth: int) -> onnx.ModelProto:
    """Branches within branches."""
    result = helper.make_tensor_value_info("out", TensorProto.FLOAT, None)
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["out"])], "leaf", [], [result])
    for _ in range(depth):
        node = helper.make_node("If", ["yes"], ["out"], then_branch=graph, else_branch=graph)
        graph = helper.make_graph([node], "level", [], [result])
    nodes = [helper.make_node("If", ["yes"], ["y"], then_branch=graph, else_branch=graph)]
    return onnx_model(nodes, ["n", 3], ["n", 3], {"yes": np.array(True)})


def foreign() -> onnx.ModelProto:
    node = helper.make_node("Run", ["x"], ["y"], domain="evil")
    return onnx_model([node], ["n", 3], ["n", 3], domains=("evil",))


BOMBS: list[tuple[str, bytes, set[VerdictCode]]] = [
    ("a tensor of four gigabytes", filled([2**30]).SerializeToString(), {"out_of_memory"}),
    (
        "a tensor beyond all memory",
        filled([2**40, 2**20]).SerializeToString(),
        {"unreadable", "crashed", "out_of_memory"},
    ),
    ("a loop of 2**62 turns", endless().SerializeToString(), {"timeout"}),
    ("a file above", outside("../../../etc/passwd").SerializeToString(), {"unsafe_file"}),
    ("a file by its absolute path", outside("/etc/passwd").SerializeToString(), {"unsafe_file"}),
    ("a file of the kernel", outside("/proc/self/environ").SerializeToString(), {"unsafe_file"}),
    ("a foreign operator", foreign().SerializeToString(), {"unsafe_file"}),
    ("sixteen levels of branches", nested(16).SerializeToString(), {"timeout", "out_of_memory", "too_large"}),
    ("noise after a header", b"\x08\x0a\x3a\x80\x10" + bytes(range(256)) * 8, {"unreadable"}),
    ("a negative size", filled([-5]).SerializeToString(), {"unreadable", "crashed"}),
]


@pytest.mark.parametrize(("content", "codes"), [b[1:] for b in BOMBS], ids=[b[0] for b in BOMBS])
def test_a_hostile_onnx_file_gets_its_verdict(score: Score, content: bytes, codes: set[VerdictCode]) -> None:
    evaluation = score(content, limits=QUICK)
    assert evaluation.verdict is not None
    assert evaluation.verdict.code in codes


def test_inspection_of_a_bomb_does_not_set_it_off(inspect: Inspect) -> None:
    passport = inspect(filled([2**30]).SerializeToString(), limits=QUICK)
    assert passport.verdict is None
    assert passport.cost is not None
    assert passport.cost.artefact_bytes < 1000


def test_a_function_in_a_vendors_domain_opens_it_for_no_other_operator(inspect: Inspect) -> None:
    """It would multiply matrices where the count of products does not look."""
    fused = helper.make_node("FusedMatMul", ["x", "w"], ["y"], domain="com.microsoft")
    weights = {"w": np.eye(3, dtype=np.float32)}
    model = onnx_model([fused], ["n", 3], ["n", 3], weights, domains=("com.microsoft",))
    body = [helper.make_node("Identity", ["a"], ["b"])]
    opsets = [helper.make_opsetid("", 18)]
    model.functions.append(helper.make_function("com.microsoft", "Own", ["a"], ["b"], body, opsets))
    verdict = inspect(model.SerializeToString()).verdict
    assert verdict is not None
    assert verdict.code == "unsafe_file"
    assert "com.microsoft" in verdict.found


def test_a_name_as_long_as_the_file_is_cut_in_the_verdict(inspect: Inspect) -> None:
    node = helper.make_node("Own", ["x"], ["y"], domain="d" * 500_000)
    verdict = inspect(onnx_model([node], ["n", 3], ["n", 3]).SerializeToString()).verdict
    assert verdict is not None
    assert verdict.code == "unsafe_file"
    assert len(verdict.found) <= 2000
