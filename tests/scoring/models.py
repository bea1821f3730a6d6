"""Small tasks, splits and models for tests: real files, made in milliseconds."""

import pickle
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from challenges.manifest import Split
from challenges.splits import Inputs, LabelledSplit
from challenges.task import ImageInput, MetricName, TableInput, Task
from scoring.formats.exam import OnRows
from scoring.sandbox.policy import BoxKind
from scoring.sandbox.work import Outcome, Work

CLASSES = ["tent", "boot", "lamp"]
OPSET = 18


def table_task(metric: MetricName = "accuracy", features: int = 3) -> Task:
    names = [f"f{number}" for number in range(features)]
    table = TableInput(type="table", features=names)
    return Task(kind="classification", classes=CLASSES, metric=metric, input=table)


def image_task(size: int = 8) -> Task:
    image = ImageInput(type="image", channels=3, height=size, width=size)
    return Task(kind="classification", classes=CLASSES, metric="accuracy", input=image)


def _split(name: str, inputs: Inputs, labels: NDArray[Any]) -> LabelledSplit:
    return LabelledSplit(
        inputs, labels.astype(np.int64), np.array([f"{name}-{row}" for row in range(len(labels))])
    )


def table_splits(validation: int = 30, public: int = 40, private: int = 70) -> dict[Split, LabelledSplit]:
    """Rows whose largest value names the class; noise makes some of them wrong."""
    generator = np.random.default_rng(3)
    sizes: dict[Split, int] = {"validation": validation, "public": public, "private": private}
    found: dict[Split, LabelledSplit] = {}
    for name, count in sizes.items():
        labels = generator.integers(0, 3, count)
        inputs = generator.normal(size=(count, 3)).astype(np.float32)
        inputs[np.arange(count), labels] += 2
        found[name] = _split(name, inputs, labels)
    return found


def image_splits(size: int = 8) -> dict[Split, LabelledSplit]:
    """Images whose brightest channel names the class, mostly."""
    generator = np.random.default_rng(4)
    sizes: dict[Split, int] = {"validation": 30, "public": 40, "private": 70}
    found: dict[Split, LabelledSplit] = {}
    for name, count in sizes.items():
        labels = generator.integers(0, 3, count)
        inputs = generator.integers(0, 200, (count, 3, size, size))
        inputs[np.arange(count), labels] += 25
        found[name] = _split(name, inputs.astype(np.uint8), labels)
    return found


def onnx_model(
    nodes: list[onnx.NodeProto],
    shape: list[int | str | None],
    output: list[int | str | None],
    weights: dict[str, NDArray[Any]] | None = None,
    *,
    input_type: int = TensorProto.FLOAT,
    output_type: int = TensorProto.FLOAT,
    domains: tuple[str, ...] = (),
    opset: int = OPSET,
) -> onnx.ModelProto:
    """A model from `x` to `y`."""
    initializers = [numpy_helper.from_array(value, name) for name, value in (weights or {}).items()]
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("x", input_type, shape)],
        [helper.make_tensor_value_info("y", output_type, output)],
        initializers,
    )
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def identity(shape: list[int | str | None] | None = None) -> onnx.ModelProto:
    """Scores are the three numbers of the row: the honest model of `table_splits`."""
    weights = {"w": np.eye(3, dtype=np.float32)}
    return onnx_model([helper.make_node("MatMul", ["x", "w"], ["y"])], shape or ["n", 3], ["n", 3], weights)


def brightness(batch: int | str = "n") -> onnx.ModelProto:
    """Scores are the means of the channels: the honest model of `image_splits`."""
    nodes = [helper.make_node("ReduceMean", ["x", "axes"], ["y"], keepdims=0)]
    axes = {"axes": np.array([2, 3], np.int64)}
    return onnx_model(nodes, [batch, 3, 8, 8], [batch, 3], axes)


class _Attack:
    def __init__(self, code: str) -> None:
        self.code = code

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, (self.code, {})


def pickled(code: str) -> bytes:
    """A pickle that runs `code` when it is loaded."""
    return pickle.dumps(_Attack(code))


def never(kind: BoxKind, work: Work, on_rows: OnRows) -> Outcome:
    """A runner for what must not need a box."""
    raise AssertionError(f"a box of kind {kind} was asked for")
