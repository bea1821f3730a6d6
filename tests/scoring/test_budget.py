"""A challenge's cost budget: kept before a model runs, by every format that tells what it costs."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from onnx import TensorProto, helper
from torch import Tensor, nn

from challenges.manifest import Budget, Limits
from scoring.job import Passport
from tests.scoring.fixtures import Inspect, Score
from tests.scoring.models import image_splits, image_task, onnx_model

COST = 3 * 4 * 8 * 8 * 9 + 4 * 3
"""Products of a convolution of 3x3 from 3 to 4 channels on 8x8 pixels, and of a layer from 4 to 3."""
PARAMETERS = 3 * 4 * 9 + 4 + 4 * 3 + 3


def limits(**budget: int) -> Limits:
    return Limits(wall_seconds=40, memory_mb=1024, artefact_mb=8, budget=Budget(**budget))


class Net(nn.Module):
    """A convolution, the mean of each channel, a layer."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 4, 3, padding=1)
        self.layer = nn.Linear(4, 3)

    def forward(self, images: Tensor) -> Tensor:
        """Scores [n, 3] of [n, 3, 8, 8]."""
        scores: Tensor = self.layer(self.convolution(images).mean(dim=(2, 3)))
        return scores


class Branching(Net):
    """Does its work a second time for bright images alone."""

    def forward(self, images: Tensor) -> Tensor:
        """Scores [n, 3] of [n, 3, 8, 8]."""
        maps = self.convolution(images)
        if bool(images.mean() > 2):
            maps = maps + self.convolution(images)
        scores: Tensor = self.layer(maps.mean(dim=(2, 3)))
        return scores


def onnx_net() -> bytes:
    buffer = io.BytesIO()
    example = torch.zeros(1, 3, 8, 8)
    names: dict[str, Any] = {"input_names": ["x"], "dynamic_axes": {"x": {0: "n"}}}
    torch.onnx.export(Net().eval(), (example,), buffer, dynamo=False, **names)  # type: ignore[arg-type]
    return buffer.getvalue()


def script(model: nn.Module) -> bytes:
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(model.eval()), buffer)
    return buffer.getvalue()


def repeated() -> bytes:
    """A product of matrices in a loop of a thousand rounds."""
    value = helper.make_tensor_value_info
    product = helper.make_node("MatMul", ["h", "w"], ["again"])
    going = helper.make_node("Identity", ["going"], ["go_on"])
    body = helper.make_graph(
        [product, going],
        "body",
        [value("i", TensorProto.INT64, []), value("going", TensorProto.BOOL, []), value("h", 1, ["n", 3])],
        [value("go_on", TensorProto.BOOL, []), value("again", 1, ["n", 3])],
    )
    arrays = {"w": np.eye(3, dtype=np.float32), "rounds": np.array(1000), "true": np.array(True)}
    flat = helper.make_node("ReduceMean", ["x", "axes"], ["m"], keepdims=0)
    loop = helper.make_node("Loop", ["rounds", "true", "m"], ["y"], body=body)
    arrays |= {"axes": np.array([2, 3])}
    return bytes(onnx_model([flat, loop], ["n", 3, 8, 8], ["n", 3], arrays).SerializeToString())


def refused(passport: Passport) -> tuple[str, str, str]:
    assert passport.verdict is not None, passport
    assert passport.verdict.code == "over_budget"
    return passport.verdict.found, passport.verdict.expected, passport.verdict.fix


@pytest.mark.parametrize("make", [onnx_net, lambda: script(Net())], ids=["onnx", "torchscript"])
def test_a_model_within_its_budget_fits_and_one_over_it_does_not(
    inspect: Inspect, make: Callable[[], bytes]
) -> None:
    content = make()

    def seen(**budget: int) -> Passport:
        return inspect(content, image_task(), limits(**budget), ("onnx", "torch"))

    fitting = seen(macs=COST, parameters=PARAMETERS)
    assert fitting.verdict is None
    assert fitting.cost is not None
    assert (fitting.cost.macs, fitting.cost.parameters) == (COST, PARAMETERS)
    found, expected, fix = refused(seen(macs=COST - 1))
    assert found == f"{COST:,} multiply-accumulates for one example"
    assert expected == f"at most {COST - 1:,} multiply-accumulates for one example: the challenge's budget"
    assert "half the side is a quarter of the products" in fix
    found, _, fix = refused(seen(parameters=PARAMETERS - 1))
    assert found == f"{PARAMETERS} parameters"
    assert "pool over all places" in fix


@pytest.mark.parametrize("make", [repeated, lambda: script(Branching())], ids=["loop", "branch"])
def test_a_model_whose_cost_cannot_be_told_is_refused_under_a_budget_alone(
    inspect: Inspect, make: Callable[[], bytes]
) -> None:
    content = make()
    found, _, fix = refused(inspect(content, image_task(), limits(macs=10**9), ("onnx", "torch")))
    assert found == "multiply-accumulates that cannot be counted before it runs"
    assert "without loops, branches" in fix
    free = inspect(content, image_task(), limits(parameters=10**6), ("onnx", "torch"))
    assert free.verdict is None
    assert free.cost is not None
    assert free.cost.macs is None


def test_the_budget_also_holds_when_a_model_is_scored(score: Score) -> None:
    found = score(onnx_net(), image_task(), image_splits(), limits(macs=100))
    assert found.verdict is not None
    assert found.verdict.code == "over_budget"
    assert found.scores == []
    assert score(onnx_net(), image_task(), image_splits(), limits(macs=COST)).verdict is None
