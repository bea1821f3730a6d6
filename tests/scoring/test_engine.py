"""What holds of an evaluation: it depends on the model and the split alone, and never raises."""

from typing import Any

import numpy as np
import skops.io
from numpy.typing import NDArray
from onnx import helper
from sklearn.ensemble import RandomForestClassifier

from challenges.manifest import Limits, Split
from challenges.task import MetricName
from scoring.job import Evaluation, Stage
from tests.scoring.fixtures import LIMITS, Score
from tests.scoring.models import identity, image_splits, image_task, onnx_model, table_splits, table_task


def network() -> bytes:
    """A convolutional network with random weights, whose scores use every bit of a float."""
    generator = np.random.default_rng(5)
    nodes = [
        helper.make_node("Conv", ["x", "k"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("Flatten", ["r"], ["f"]),
        helper.make_node("Gemm", ["f", "w"], ["y"]),
    ]
    weights: dict[str, NDArray[Any]] = {
        "k": generator.normal(size=(16, 3, 3, 3)).astype(np.float32),
        "w": generator.normal(size=(16 * 64, 3)).astype(np.float32) / 30,
    }
    content: bytes = onnx_model(nodes, ["n", 3, 8, 8], ["n", 3], weights).SerializeToString()
    return content


def values(evaluation: Evaluation) -> list[Any]:
    assert evaluation.verdict is None
    return [(s.split, s.value, s.low, s.high, s.metrics) for s in evaluation.scores]


def test_the_shuffle_does_not_change_a_digit(score: Score) -> None:
    task = image_task().model_copy(update={"metric": "log_loss"})
    found = [score(network(), task, image_splits(), seed=seed) for seed in (1, 2, 3)]
    assert values(found[0]) == values(found[1]) == values(found[2])
    assert found[0].outcomes == found[1].outcomes


def test_a_split_scores_the_same_alone_as_among_others(score: Score) -> None:
    """At home only validation is scored; on the platform it is one of three splits."""
    metric: MetricName = "log_loss"
    task = image_task().model_copy(update={"metric": metric})
    only: dict[Split, Any] = {"validation": image_splits()["validation"]}
    assert values(score(network(), task, only)) == values(score(network(), task, image_splits()))[:1]


def test_a_forest_scores_the_same_in_any_order(score: Score) -> None:
    rows = table_splits()["validation"]
    forest = RandomForestClassifier(7, random_state=1).fit(rows.inputs, rows.labels)
    content = skops.io.dumps(forest)
    task = table_task("log_loss")
    assert values(score(content, task, seed=1)) == values(score(content, task, seed=2))


def test_every_metric_of_every_split_is_there_with_its_interval(score: Score) -> None:
    evaluation = score(identity().SerializeToString(), table_task("macro_f1"))
    assert [(s.split, s.count) for s in evaluation.scores] == [
        ("validation", 30),
        ("public", 40),
        ("private", 70),
    ]
    for found in evaluation.scores:
        assert set(found.metrics) == {"accuracy", "balanced_accuracy", "macro_f1", "log_loss", "roc_auc"}
        assert found.value == found.metrics["macro_f1"]
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.low < found.high


def test_cost_and_stages_are_measured(score: Score) -> None:
    evaluation = score(network(), image_task(), image_splits())
    cost = evaluation.cost
    assert cost is not None
    assert cost.artefact_bytes == len(network())
    assert cost.macs == 16 * 64 * 27 + 16 * 64 * 3
    assert cost.milliseconds_per_example is not None
    assert cost.milliseconds_alone is not None
    assert cost.relative_latency is not None
    assert min(cost.milliseconds_alone, cost.relative_latency) > 0
    assert cost.resolution == [8, 8]
    assert cost.peak_memory_bytes is not None
    assert cost.peak_memory_bytes > 2**20
    assert set(evaluation.stages) == {"sandbox", "load", "predict", "timing", "metric", "insight"}
    assert min(evaluation.stages.values()) >= 0


def test_progress_goes_through_the_stages(score: Score) -> None:
    heard: list[tuple[Stage, float]] = []
    score(identity().SerializeToString(), report=lambda stage, share: heard.append((stage, share)))
    assert heard[0] == ("preparing", 0.0)
    assert ("predicting", 1.0) in heard
    assert heard[-1][0] == "scoring"


def test_two_threads_are_allowed_where_the_challenge_allows_them(score: Score) -> None:
    limits = LIMITS.model_copy(update={"threads": 2})
    assert values(score(network(), image_task(), image_splits(), limits=limits))


def test_what_breaks_on_our_side_is_told_without_its_insides(score: Score) -> None:
    broken = {**table_splits(), "private": table_splits()["private"]._replace(labels=np.full(70, 99))}
    evaluation = score(identity().SerializeToString(), table_task(), broken)
    assert evaluation.verdict is not None
    assert evaluation.verdict.code == "platform_fault"
    assert evaluation.verdict.fault == "platform"
    assert "Error" not in evaluation.verdict.model_dump_json()


def test_a_file_over_the_limit_is_refused_before_any_box(score: Score) -> None:
    content = b"id,label\n" + b"a,tent\n" * 2**18
    evaluation = score(content, limits=Limits(artefact_mb=1))
    assert evaluation.verdict is not None
    assert evaluation.verdict.code == "too_large"
