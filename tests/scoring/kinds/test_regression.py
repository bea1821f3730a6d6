"""Errors of numbers beside scikit-learn's, in ordinary and in degenerate cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from challenges.task import TableInput, Task
from scoring import scores
from scoring.kinds import regression
from scoring.kinds.outcomes import unpacked
from tests.scoring.models import never

TASK = Task(kind="regression", metric="rmse", input=TableInput(type="table", features=["x"]))
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False, width=32)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=40))
def test_errors_are_those_of_scikit_learn(pairs: list[tuple[float, float]]) -> None:
    truth, given_numbers = np.array(pairs).T
    found = regression.metrics(truth, given_numbers, TASK)
    assert found["rmse"] == pytest.approx(metrics.root_mean_squared_error(truth, given_numbers))
    assert found["mae"] == pytest.approx(metrics.mean_absolute_error(truth, given_numbers))
    if "r2" in found:
        assert found["r2"] == pytest.approx(metrics.r2_score(truth, given_numbers), rel=1e-4, abs=1e-6)
    if (np.abs(truth) > 1e-3).all():
        wanted = metrics.mean_absolute_percentage_error(truth, given_numbers)
        assert found["mape"] == pytest.approx(wanted)


def test_what_is_not_defined_is_left_out() -> None:
    assert "r2" not in regression.metrics(np.full(5, 3.0), np.arange(5.0), TASK)
    assert "mape" not in regression.metrics(np.arange(5.0), np.arange(5.0), TASK)


def test_the_variance_of_large_numbers_does_not_drown() -> None:
    truth = 1e9 + np.arange(100.0)
    assert regression.metrics(truth, truth + 1, TASK)["r2"] == pytest.approx(
        metrics.r2_score(truth, truth + 1)
    )


@pytest.mark.parametrize("metric", ["rmse", "mae", "r2", "mape"])
def test_the_interval_is_that_of_a_slow_bootstrap(metric: str) -> None:
    task = Task.model_validate({**TASK.model_dump(), "metric": metric})
    generator = np.random.default_rng(0)
    truth = generator.normal(10, 2, 200)
    predicted = truth + generator.normal(0, 1, 200)
    score = scores.of_split("private", truth, predicted, task, never)
    slowly = []
    for _ in range(2000):
        rows = generator.integers(0, 200, 200)
        slowly.append(regression.metrics(truth[rows], predicted[rows], task)[task.metric])
    width = score.high - score.low
    assert score.low < score.value < score.high
    assert (score.low, score.high) == pytest.approx(np.quantile(slowly, [0.025, 0.975]), abs=0.15 * width)


def test_perfect_numbers_are_the_best_and_a_guess_is_chance() -> None:
    truth = np.random.default_rng(1).normal(size=300)
    perfect = regression.prepared(regression.reference(truth, TASK), TASK)
    assert scores.of_split("private", truth, perfect, TASK, never).value == scores.best_value(TASK) == 0
    assert not regression.chance(truth, perfect, TASK).passed
    guess = regression.prepared(regression.guess(truth, TASK, np.random.default_rng(2)), TASK)
    assert regression.chance(truth, guess, TASK).passed


def test_an_outcome_is_minus_the_error() -> None:
    packed = regression.outcomes("public", np.array([1.0, 2.0]), np.array([1.5, 2.0]), TASK)
    assert unpacked(packed.values, "<f4").tolist() == [-0.5, 0.0]
