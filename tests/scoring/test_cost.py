"""What a model costs: the same wherever its weights are kept, and times by the parent's clock alone."""

from dataclasses import replace

import numpy as np
import pytest
from onnx import helper, numpy_helper

from challenges.manifest import Limits
from scoring import cost
from scoring.formats.exam import Answers, Inspection
from scoring.sandbox.inside import frames
from scoring.sandbox.pool import Pool
from scoring.sandbox.timing import FEWEST_TURNS, MOST_TIMES, MOST_TURNS, TURN_SECONDS, Timing, measure
from scoring.sandbox.work import Work
from tests.scoring.fixtures import Inspect
from tests.scoring.models import brightness, image_task, onnx_model, table_task

WEIGHTS = np.ones((3, 2000), np.float32)
BACK = np.ones((2000, 3), np.float32)


def wide(in_nodes: bool) -> bytes:
    """3 to 2000 to 3, with weights of 24 kB each as initializers or as constants of nodes."""
    arrays = {"w": WEIGHTS, "v": BACK}
    products = [helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("MatMul", ["h", "v"], ["y"])]
    if not in_nodes:
        return bytes(onnx_model(products, ["n", 3], ["n", 3], arrays).SerializeToString())
    constants = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(array, name))
        for name, array in arrays.items()
    ]
    return bytes(onnx_model([*constants, *products], ["n", 3], ["n", 3]).SerializeToString())


@pytest.mark.parametrize("in_nodes", [False, True])
def test_large_weights_count_the_same_wherever_they_are_kept(inspect: Inspect, in_nodes: bool) -> None:
    passport = inspect(wide(in_nodes))
    assert passport.verdict is None
    assert passport.cost is not None
    assert (passport.cost.parameters, passport.cost.macs) == (12_000, 12_000)
    assert passport.cost.milliseconds_alone is None


def test_a_large_tensor_with_too_few_bytes_is_still_refused(inspect: Inspect, pool: Pool) -> None:
    """The weights are not part of what inspection checks; loading the model checks them."""
    model = onnx_model([helper.make_node("MatMul", ["x", "w"], ["y"])], ["n", 3], ["n", 2000], {"w": WEIGHTS})
    model.graph.initializer[0].raw_data = model.graph.initializer[0].raw_data[:-4096]
    work = Work(model.SerializeToString(), Limits(memory_mb=512), table_task(), np.eye(3, dtype=np.float32))
    with pytest.raises(Exception, match="onnxruntime does not load it"):
        pool.run("onnx", work, lambda share: None)


class Playing:
    """A box that takes so long for a model and for the reference, and a while for each word besides."""

    def __init__(self, model: float, reference: float, word: float = 0.0001) -> None:
        self.seconds = {frames.MODEL: model, frames.REFERENCE: reference}
        self.word = word
        self.asked: list[tuple[bytes, int]] = []

    def __call__(self, subject: bytes, times: int) -> float | None:
        self.asked.append((subject, times))
        return self.word + times * self.seconds[subject]


def test_a_quick_model_is_run_often_enough_to_drown_the_words_between() -> None:
    box = Playing(model=0.00002, reference=0.001)
    found = measure(box)
    assert found is not None
    assert found.alone_seconds == pytest.approx(0.00002, rel=0.1)
    assert found.reference_seconds == pytest.approx(0.001, rel=0.1)
    assert max(times for _, times in box.asked) <= MOST_TIMES
    assert len(box.asked) == 2 * MOST_TURNS


def test_the_model_and_the_reference_take_turns_and_the_least_disturbed_counts() -> None:
    box = Playing(model=0.1, reference=0.001)

    def disturbed(subject: bytes, times: int) -> float | None:
        seconds = box(subject, times)
        return seconds if seconds is None or len(box.asked) in (3, 4) else seconds * 5

    found = measure(disturbed)
    assert found is not None
    assert found.alone_seconds == pytest.approx(0.1001)
    assert [subject for subject, _ in box.asked[:4]] == [frames.MODEL, frames.REFERENCE] * 2


def test_a_slow_model_is_run_three_times_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoring.sandbox.timing.BUDGET_SECONDS", -1.0)
    box = Playing(model=2.0, reference=0.001)
    found = measure(box)
    assert found is not None
    assert [times for subject, times in box.asked if subject == frames.MODEL] == [1] * FEWEST_TURNS
    assert found.alone_seconds > TURN_SECONDS


def test_what_was_measured_before_a_box_gave_up_counts() -> None:
    box = Playing(model=0.01, reference=0.001)
    found = measure(lambda subject, times: None if len(box.asked) >= 2 else box(subject, times))
    assert found is not None
    assert (found.alone_seconds, found.reference_seconds) == pytest.approx((0.0101, 0.0011))
    assert measure(lambda subject, times: None) is None


def test_the_cost_of_a_run_has_the_ratio_and_the_resolution() -> None:
    inspection = Inspection(parameters=7, macs=9)
    answers = Answers(
        {"validation": np.zeros((4, 3))}, inspection, predict_seconds=0.2, timing=Timing(0.03, 0.01)
    )
    found = cost.of_run(100, answers, image_task())
    assert (found.artefact_bytes, found.parameters, found.macs) == (100, 7, 9)
    assert found.milliseconds_per_example == pytest.approx(50)
    assert found.milliseconds_alone == pytest.approx(30)
    assert found.relative_latency == pytest.approx(3)
    assert found.resolution == [8, 8]
    assert cost.of_run(100, answers, table_task()).resolution is None


@pytest.mark.parametrize("batch", ["n", 4])
def test_a_model_of_any_batch_is_timed_on_single_examples(pool: Pool, batch: int | str) -> None:
    images = np.arange(5 * 192).reshape(5, 3, 8, 8).astype(np.uint8)
    work = Work(
        brightness(batch).SerializeToString(), Limits(memory_mb=512), image_task(), images, timed=True
    )
    timed = pool.run("onnx", work, lambda share: None)
    assert timed.timing is not None
    assert min(timed.timing) > 0
    assert timed.timing_seconds > 0
    untimed = pool.run("onnx", replace(work, timed=False), lambda share: None)
    assert untimed.timing is None
    assert np.array_equal(untimed.predictions, timed.predictions)
