"""Metrics that a bundle brings, in a real box: what they see, what comes back, whose fault a failure is."""

import numpy as np
import pytest
from sklearn.metrics import fbeta_score

from challenges.manifest import Limits
from challenges.task import CustomMetric
from scoring import custom
from scoring.custom import Measured, MetricFault
from scoring.sandbox.pool import Pool

GENERATOR = np.random.default_rng(5)
TRUTH = GENERATOR.integers(0, 2, 300)
PREDICTED = np.eye(2)[np.where(GENERATOR.random(300) < 0.8, TRUTH, 1 - TRUTH)]


def measured(pool: Pool, source: str, limits: Limits = custom.LIMITS) -> Measured:
    metric = CustomMetric(name="Its own", best=1, worst=0, source=source)
    return custom.measured("private", TRUTH, PREDICTED, metric, pool.run, limits)


def test_a_metric_may_use_a_library_and_has_an_interval_around_its_value(pool: Pool) -> None:
    found = measured(
        pool,
        "from sklearn.metrics import fbeta_score\n"
        "def score(truth, predictions):\n    return fbeta_score(truth, predictions.argmax(1), beta=2)\n",
    )
    assert found.value == pytest.approx(fbeta_score(TRUTH, PREDICTED.argmax(1), beta=2))
    assert found.low < found.value < found.high
    # Two standard errors of a share of 300 are about 0.05.
    assert 0.05 < found.high - found.low < 0.2


def test_the_same_predictions_always_give_the_same_interval(pool: Pool) -> None:
    source = "def score(truth, predictions):\n    return float((predictions.argmax(1) == truth).mean())\n"
    assert measured(pool, source) == measured(pool, source)


def test_a_resample_on_which_the_metric_is_not_defined_is_left_out(pool: Pool) -> None:
    source = (
        "def score(truth, predictions):\n"
        "    if len(set(map(float, predictions[:, 1]))) > 2 or truth[0] == 0 != truth[1]: raise ValueError\n"
        "    return float(truth.mean())\n"
    )
    found = measured(pool, source.replace("truth[0] == 0 != truth[1]", "truth[:2].tolist() == [0, 1]"))
    assert found.low < found.high


FAULTS = [
    ("score = 3", "no function score"),
    ("def score(truth, predictions):\n    return 'high'\n", "it returned str; expected a number"),
    (
        "def score(truth, predictions):\n    return float('nan')\n",
        "it returned nan; expected a finite",
    ),
    ("def score(truth, predictions):\n    return 1 / 0\n", "division by zero"),
    ("def score(truth, predictions:\n", "SyntaxError"),
    ("import requests\n", "No module named 'requests'"),
    ("import os\ndef score(t, p):\n    os.fork()\n", "Operation not permitted"),
]


@pytest.mark.parametrize(("source", "words"), FAULTS, ids=[words for _, words in FAULTS])
def test_a_metric_that_gives_no_score_is_the_challenges_fault(pool: Pool, source: str, words: str) -> None:
    with pytest.raises(MetricFault) as raised:
        measured(pool, source)
    assert str(raised.value).startswith("metric.py, score(truth, predictions) on the private split: ")
    assert words in str(raised.value)


def test_an_error_shows_the_metrics_own_line(pool: Pool) -> None:
    with pytest.raises(MetricFault, match=r"line 2, in score\n.*truth\.nothing"):
        measured(pool, "def score(truth, predictions):\n    return truth.nothing\n")


def test_a_metric_that_never_ends_is_stopped(pool: Pool) -> None:
    with pytest.raises(MetricFault, match="no result after 2 seconds"):
        measured(pool, "def score(t, p):\n    while True: pass\n", Limits(wall_seconds=2, memory_mb=512))


def test_a_metric_sees_nothing_but_the_arrays(pool: Pool) -> None:
    source = (
        "import os\n"
        "def score(truth, predictions):\n"
        "    files = [f for d, _, fs in os.walk('/tmp') for f in fs]\n"
        "    return float(files == [] and len(truth) == len(predictions) == 300)\n"
    )
    assert measured(pool, source).value == 1.0
