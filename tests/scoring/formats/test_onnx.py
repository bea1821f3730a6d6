"""ONNX files by what they say of themselves, and the verdicts that teach."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression

from scoring.job import VerdictCode
from tests.scoring.fixtures import Inspect, Score
from tests.scoring.models import (
    brightness,
    identity,
    image_splits,
    image_task,
    onnx_model,
    table_splits,
    table_task,
)

RELU = helper.make_node("Relu", ["x"], ["y"])


def facts(inspect: Inspect, model: onnx.ModelProto, image: bool = False) -> dict[str, str]:
    passport = inspect(model.SerializeToString(), image_task() if image else table_task())
    assert passport.verdict is None
    return {fact.name: fact.value for fact in passport.facts}


def test_a_passport_tells_inputs_outputs_and_cost(inspect: Inspect) -> None:
    passport = inspect(identity().SerializeToString())
    found = {fact.name: fact.value for fact in passport.facts}
    assert passport.format == "onnx"
    assert found["Input"] == "x: float [n, 3]"
    assert passport.cost is not None
    assert (passport.cost.parameters, passport.cost.macs) == (9, 9)


def convolution() -> onnx.ModelProto:
    """3x8x8 -> 4x8x8 by 3x3, then a mean and a dense layer: 6912 + 12 products, 124 numbers."""
    nodes = [
        helper.make_node("Conv", ["x", "k", "b"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("GlobalAveragePool", ["c"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Gemm", ["f", "w"], ["y"], transB=1),
    ]
    weights = {
        "k": np.ones((4, 3, 3, 3), np.float32),
        "b": np.ones(4, np.float32),
        "w": np.ones((3, 4), np.float32),
    }
    return onnx_model(nodes, ["n", 3, 8, 8], ["n", 3], weights)


def test_products_of_convolutions_and_dense_layers_are_counted(inspect: Inspect) -> None:
    found = facts(inspect, convolution(), image=True)
    assert found["Multiply-accumulates"] == f"{4 * 8 * 8 * 3 * 3 * 3 + 3 * 4:,}"
    assert found["Parameters"] == str(4 * 3 * 3 * 3 + 4 + 12)


def test_weights_in_constant_nodes_and_branches_are_counted(inspect: Inspect) -> None:
    """Weights that are kept outside of the initializers would make a model look free."""
    tensor = numpy_helper.from_array(np.eye(3, dtype=np.float32), "t")
    branch = helper.make_graph(
        [
            helper.make_node("Constant", [], ["w"], value=tensor),
            helper.make_node("MatMul", ["x", "w"], ["out"]),
        ],
        "branch",
        [],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, None)],
    )
    nodes = [helper.make_node("If", ["yes"], ["y"], then_branch=branch, else_branch=branch)]
    model = onnx_model(nodes, ["n", 3], ["n", 3], {"yes": np.array(True)})
    found = facts(inspect, model)
    assert found["Parameters"] == "18"
    assert found["Multiply-accumulates"] == "18"


def external() -> onnx.ModelProto:
    model = identity()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../../etc/passwd")
    return model


def custom(domain: str) -> onnx.ModelProto:
    node = helper.make_node("Anything", ["x"], ["y"], domain=domain)
    return onnx_model([node], ["n", 3], ["n", 3], domains=(domain,))


def newer() -> onnx.ModelProto:
    return onnx_model([RELU], ["n", 3], ["n", 3], opset=99)


def broken() -> onnx.ModelProto:
    return onnx_model([helper.make_node("Relu", ["nowhere"], ["y"])], ["n", 3], ["n", 3])


def two_inputs() -> onnx.ModelProto:
    model = onnx_model([helper.make_node("Add", ["x", "z"], ["y"])], ["n", 3], ["n", 3])
    model.graph.input.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n", 3]))
    return model


def bytes_input() -> onnx.ModelProto:
    cast = helper.make_node("Cast", ["x"], ["y"], to=TensorProto.FLOAT)
    return onnx_model([cast], ["n", 3], ["n", 3], input_type=TensorProto.UINT8)


def half_output() -> onnx.ModelProto:
    cast = helper.make_node("Cast", ["x"], ["y"], to=TensorProto.FLOAT16)
    return onnx_model([cast], ["n", 3], ["n", 3], output_type=TensorProto.FLOAT16)


def zipmap() -> onnx.ModelProto:
    rows = table_splits()["validation"]
    model: onnx.ModelProto = to_onnx(LogisticRegression().fit(rows.inputs, rows.labels), rows.inputs[:1])
    return model


TABLE_VERDICTS: list[tuple[onnx.ModelProto, VerdictCode, str, str]] = [
    (external(), "unsafe_file", "../etc/passwd", "one file"),
    (custom("com.microsoft"), "unsafe_file", "com.microsoft", "custom"),
    (custom("my.ops"), "unsafe_file", "my.ops", "custom"),
    (newer(), "unreadable", "opset 99", "opset_version"),
    (broken(), "unreadable", "nowhere", "starter kit"),
    (two_inputs(), "wrong_input", "2 inputs", "single input"),
    (bytes_input(), "wrong_input", "uint8", "255"),
    (identity(["n", 7]), "wrong_input", "[n, 7]", "reshape"),
    (half_output(), "bad_type", "float16", "float32"),
    (zipmap(), "bad_type", "sequence", "zipmap"),
    (onnx_model([RELU], ["n", 3], ["n", 5]), "bad_shape", "[n, 5]", "one number for each class"),
]


@pytest.mark.parametrize(("model", "code", "found", "fix"), TABLE_VERDICTS)
def test_a_misfit_is_named_and_explained_by_inspection_and_by_scoring(
    inspect: Inspect, score: Score, model: onnx.ModelProto, code: VerdictCode, found: str, fix: str
) -> None:
    content = model.SerializeToString()
    for verdict in (inspect(content).verdict, score(content).verdict):
        assert verdict is not None
        assert verdict.code == code
        assert found in verdict.found
        assert fix in verdict.fix


def test_channels_last_is_recognised(inspect: Inspect) -> None:
    model = onnx_model([helper.make_node("Flatten", ["x"], ["y"])], ["n", 8, 8, 3], ["n", 3])
    verdict = inspect(model.SerializeToString(), image_task()).verdict
    assert verdict is not None
    assert verdict.code == "wrong_input"
    assert "NHWC" in verdict.fix


@pytest.mark.parametrize("batch", ["n", 1, 8])
def test_a_dynamic_and_a_fixed_batch_give_the_same_scores(score: Score, batch: int | str) -> None:
    fixed = score(brightness(batch).SerializeToString(), image_task(), image_splits())
    dynamic = score(brightness().SerializeToString(), image_task(), image_splits())
    assert fixed.verdict is None
    assert [s.value for s in fixed.scores] == [s.value for s in dynamic.scores]
    assert min(s.value for s in fixed.scores) > 0.9


def test_labels_beside_probabilities_are_accepted(score: Score) -> None:
    rows = table_splits()["validation"]
    model = LogisticRegression().fit(rows.inputs, rows.labels)
    content = to_onnx(model, rows.inputs[:1], options={"zipmap": False}).SerializeToString()
    evaluation = score(content)
    private = table_splits()["private"]
    assert evaluation.scores[2].value == pytest.approx(model.score(private.inputs, private.labels))


def test_an_output_of_a_shape_that_only_shows_when_it_runs_is_refused(score: Score) -> None:
    nodes = [helper.make_node("Concat", ["x", "x"], ["y"], axis=1)]
    model = onnx_model(nodes, ["n", 3], ["n", "k"])
    verdict = score(model.SerializeToString()).verdict
    assert verdict is not None
    assert verdict.code == "bad_shape"
    assert "6" in verdict.found


def test_numbers_that_are_not_finite_are_refused(score: Score) -> None:
    model = onnx_model([helper.make_node("Log", ["x"], ["y"])], ["n", 3], ["n", 3])
    verdict = score(model.SerializeToString()).verdict
    assert verdict is not None
    assert verdict.code == "not_finite"
    assert "of 140 examples" in verdict.found


def test_a_file_that_was_cut_off_is_unreadable(inspect: Inspect) -> None:
    verdict = inspect(convolution().SerializeToString()[:200], image_task()).verdict
    assert verdict is not None
    assert verdict.code == "unreadable"


def test_a_file_over_its_limit_is_too_large(inspect: Inspect) -> None:
    weights = {"w": np.zeros((3, 3), np.float32), "much": np.zeros(3 * 2**20, np.float32)}
    model = onnx_model([helper.make_node("MatMul", ["x", "w"], ["y"])], ["n", 3], ["n", 3], weights)
    verdict = inspect(model.SerializeToString()).verdict
    assert verdict is not None
    assert verdict.code == "too_large"
    assert verdict.found == "12.0 MB"


def test_the_own_functions_of_a_model_are_no_foreign_operators(score: Score) -> None:
    node = helper.make_node("Own", ["x"], ["y"], domain="mine")
    model = onnx_model([node], ["n", 3], ["n", 3], domains=("mine",))
    body = [helper.make_node("Identity", ["a"], ["b"])]
    model.functions.append(
        helper.make_function("mine", "Own", ["a"], ["b"], body, [helper.make_opsetid("", 18)])
    )
    assert score(model.SerializeToString()).verdict is None


def test_dimensions_that_are_only_declared_give_no_count_beyond_any_page(inspect: Inspect) -> None:
    """A tensor of 5 kB that says that it has 2 to the power of 1240 numbers."""
    model = identity()
    tensor = model.graph.initializer.add(name="w2", data_type=TensorProto.FLOAT, raw_data=bytes(5000))
    tensor.dims.extend([2**62] * 20)
    verdict = inspect(model.SerializeToString()).verdict
    assert verdict is not None
    assert verdict.code == "unreadable"
