"""Our own metrics beside scikit-learn's, in ordinary and in degenerate cases."""

import base64
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics

from challenges.task import MetricName, TableInput, Task
from scoring import scores
from scoring.job import SplitScore
from scoring.kinds import classification
from scoring.statistics import Floats
from tests.scoring.models import never

Case = tuple[NDArray[np.int64], NDArray[np.int64], int]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Labels and predictions of 1 to 60 examples among 2 to 6 classes; classes may be absent from either."""
    classes = draw(st.integers(2, 6))
    count = draw(st.integers(1, 60))
    some = st.lists(st.integers(0, classes - 1), min_size=count, max_size=count)
    return np.array(draw(some)), np.array(draw(some)), classes


def task_of(classes: int, metric: MetricName = "accuracy") -> Task:
    names = [f"class {number}" for number in range(classes)]
    table = TableInput(type="table", features=["x"])
    return Task(kind="classification", classes=names, metric=metric, input=table)


def score_of(labels: NDArray[np.int64], belief: Floats, metric: MetricName) -> SplitScore:
    return scores.of_split("private", labels, belief, task_of(belief.shape[1], metric), never)


def scored(labels: NDArray[np.int64], predicted: NDArray[np.int64], classes: int) -> dict[MetricName, float]:
    task = task_of(classes)
    return classification.metrics(labels, classification.reference(predicted, task), task)


@settings(max_examples=150, deadline=None)
@given(cases())
def test_metrics_of_labels_are_those_of_scikit_learn(case: Case) -> None:
    labels, predicted, classes = case
    ours = scored(labels, predicted, classes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        balanced = metrics.balanced_accuracy_score(labels, predicted)
    f1 = metrics.f1_score(labels, predicted, labels=range(classes), average="macro", zero_division=0)
    assert ours["accuracy"] == pytest.approx(metrics.accuracy_score(labels, predicted))
    assert ours["balanced_accuracy"] == pytest.approx(balanced)
    assert ours["macro_f1"] == pytest.approx(f1)


@settings(max_examples=80, deadline=None)
@given(cases(), st.integers(0, 2**32 - 1))
def test_log_loss_is_that_of_scikit_learn(case: Case, seed: int) -> None:
    labels, _, classes = case
    belief = np.random.default_rng(seed).dirichlet(np.full(classes, 0.3), len(labels))
    ours = score_of(labels, belief, "log_loss").value
    clipped = np.clip(belief, 1e-15, 1 - 1e-15)
    clipped /= clipped.sum(axis=1, keepdims=True)
    assert ours == pytest.approx(metrics.log_loss(labels, clipped, labels=range(classes)), rel=1e-9)


def test_a_wrong_certainty_costs_a_large_but_finite_loss() -> None:
    answers = classification.reference(np.array([0, 0]), task_of(2))
    loss = score_of(np.array([1, 0]), answers, "log_loss").value
    assert loss == pytest.approx(-np.log(1e-15) / 2, rel=1e-6)


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy", "macro_f1", "log_loss"])
def test_perfect_predictions_reach_the_best_value(metric: MetricName) -> None:
    labels = np.array([0, 1, 2, 2, 1])
    task = task_of(3, metric)
    found = score_of(labels, classification.reference(labels, task), metric)
    assert found.value == pytest.approx(scores.best_value(task), abs=1e-9)
    assert found.low <= found.value <= found.high


def test_rows_that_are_distributions_are_taken_as_they_are() -> None:
    given_rows = np.array([[0.2, 0.8], [1.0, 0.0]], np.float32)
    assert np.allclose(classification.probabilities(given_rows), given_rows)


@pytest.mark.parametrize("rows", [[[2.0, -1.0]], [[0.4, 0.4]], [[-0.5, 1.5]], [[1e4, -1e4]]])
def test_other_rows_go_through_a_softmax(rows: list[list[float]]) -> None:
    values: Floats = np.array(rows)
    powers = np.exp(values - values.max())
    found = classification.probabilities(values.astype(np.float32))
    assert np.allclose(found, powers / powers.sum(), atol=1e-6)
    assert found.sum() == pytest.approx(1)


def test_outcomes_can_be_unpacked_as_the_message_says() -> None:
    belief = np.array([[0.1, 0.9], [0.75, 0.25], [0.5, 0.5]])
    packed = classification.outcomes("public", np.array([1, 1, 0]), belief, task_of(2))
    predicted = np.frombuffer(zlib.decompress(base64.b64decode(packed.predicted)), "<i4")
    values = np.frombuffer(zlib.decompress(base64.b64decode(packed.values)), "<f4")
    confidence = np.frombuffer(zlib.decompress(base64.b64decode(packed.confidence)), "<f4")
    assert packed.count == 3
    assert predicted.tolist() == [1, 0, 0]
    assert values.tolist() == [1, 0, 1]
    assert confidence.tolist() == pytest.approx([0.9, 0.75, 0.5])


@settings(max_examples=40, deadline=None)
@given(cases(), st.integers(0, 2**32 - 1))
def test_the_area_under_the_curve_is_that_of_scikit_learn(case: Case, seed: int) -> None:
    labels, _, classes = case
    belief = np.random.default_rng(seed).integers(1, 6, (len(labels), classes)).astype(float)
    belief /= belief.sum(axis=1, keepdims=True)
    found = classification.metrics(labels, belief, task_of(classes)).get("roc_auc")
    there = [1] if classes == 2 else range(classes)
    wanted = [
        metrics.roc_auc_score(labels == c, belief[:, c])
        for c in there
        if 0 < (labels == c).sum() < len(labels)
    ]
    assert found == (pytest.approx(np.mean(wanted)) if wanted else None)


@settings(max_examples=60, deadline=None)
@given(cases(), st.integers(0, 2**32 - 1))
def test_top_k_is_that_of_scikit_learn_where_nothing_is_tied(case: Case, seed: int) -> None:
    labels, _, classes = case
    belief = np.random.default_rng(seed).dirichlet(np.ones(classes), len(labels))
    task = task_of(classes).model_copy(update={"top_k": 2})
    found = classification.metrics(labels, belief, task).get("top_k")
    if classes == 2:
        assert found is None
    else:
        assert found == pytest.approx(
            metrics.top_k_accuracy_score(labels, belief, k=2, labels=range(classes))
        )


def test_answering_all_classes_alike_is_worth_nothing_in_top_k() -> None:
    belief = np.full((4, 4), 0.25)
    assert classification.among_first(np.arange(4), belief, 2).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("metric", ["macro_f1", "log_loss", "roc_auc"])
def test_an_interval_is_that_of_a_slow_bootstrap(metric: MetricName) -> None:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 4, 150)
    belief = generator.dirichlet(np.ones(4), 150) + np.eye(4)[labels] * 0.6
    belief /= belief.sum(axis=1, keepdims=True)
    task = task_of(4).model_copy(update={"metric": metric, "top_k": 2})
    found = scores.of_split("private", labels, belief, task, never)
    slowly = []
    for _ in range(500):
        rows = generator.integers(0, 150, 150)
        slowly.append(classification.metrics(labels[rows], belief[rows], task)[metric])
    width = found.high - found.low
    assert found.low < found.value < found.high
    assert (found.low, found.high) == pytest.approx(np.quantile(slowly, [0.025, 0.975]), abs=0.15 * width)


def test_the_interval_of_a_share_is_never_empty() -> None:
    labels = np.arange(40) % 4
    task = task_of(4).model_copy(update={"metric": "top_k", "top_k": 2})
    found = scores.of_split("private", labels, classification.reference(labels, task), task, never)
    assert found.low == pytest.approx(0.9124, abs=1e-4)
    assert found.value == found.high == 1


def test_weighed_metrics_share_their_resamples() -> None:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 200)
    belief = generator.dirichlet(np.ones(3), 200) + np.eye(3)[labels] * 0.5
    belief /= belief.sum(axis=1, keepdims=True)
    weights: dict[MetricName, float] = {"accuracy": 0.5, "roc_auc": 0.5}
    task = task_of(3).model_copy(update={"metric": "weighed", "weights": weights})
    found = scores.of_split("private", labels, belief, task, never)
    single = classification.metrics(labels, belief, task)
    drawn = classification.resampled(weights, labels, belief, task)
    assert found.value == pytest.approx((single["accuracy"] + single["roc_auc"]) / 2)
    wanted = np.quantile((drawn["accuracy"] + drawn["roc_auc"]) / 2, [0.025, 0.975])
    assert (found.low, found.high) == pytest.approx(wanted)
    assert scores.best_value(task) == 1
