"""Intervals beside closed forms and beside the slow bootstrap over examples."""

import numpy as np
import pytest

from scoring import statistics
from scoring.kinds.classification import accuracy, confusion_table, macro_f1


def test_wilson_gives_the_published_interval() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (hits, count), interval in published.items():
        assert statistics.wilson(hits, count) == pytest.approx(interval, abs=5e-5)


def test_wilson_stays_within_zero_and_one() -> None:
    assert statistics.wilson(10, 10)[1] == pytest.approx(1.0)
    assert statistics.wilson(0, 10)[0] == 0.0


def test_the_table_interval_is_about_wilsons_for_accuracy() -> None:
    table = np.array([[70.0, 10], [15, 105]])
    assert statistics.table_interval(table, accuracy) == pytest.approx(statistics.wilson(175, 200), abs=0.012)


def test_the_table_interval_is_that_of_the_bootstrap_over_examples() -> None:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 300)
    predicted = np.where(generator.random(300) < 0.7, labels, generator.integers(0, 3, 300))
    slow = []
    for _ in range(2000):
        rows = generator.integers(0, 300, 300)
        slow.append(float(macro_f1(confusion_table(labels[rows], predicted[rows], 3).astype(float))))
    table = confusion_table(labels, predicted, 3).astype(np.float64)
    assert statistics.table_interval(table, macro_f1) == pytest.approx(
        np.quantile(slow, [0.025, 0.975]), abs=0.012
    )


def test_the_mean_interval_is_about_the_normal_one() -> None:
    values = np.random.default_rng(1).exponential(size=2000)
    half = 1.96 * values.std() / np.sqrt(2000)
    low, high = statistics.mean_interval(values)
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=half / 5)


def test_the_same_values_give_the_same_interval() -> None:
    values = np.random.default_rng(2).random(500)
    assert statistics.mean_interval(values) == statistics.mean_interval(values.copy())


def test_tables_that_are_drawn_in_parts_give_the_same_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(5)
    labels, guesses = generator.integers(0, 4, (2, 200))
    table = confusion_table(labels, np.where(generator.random(200) < 0.7, labels, guesses), 4).astype(float)
    whole = statistics.table_interval(table, macro_f1)
    sizes: list[int] = []

    def counted(tables: statistics.Floats) -> statistics.Floats:
        sizes.append(len(tables))
        return macro_f1(tables)

    monkeypatch.setattr(statistics, "_CELLS_AT_ONCE", 300 * 16)
    assert statistics.table_interval(table, counted) == whole
    assert sizes == [300, 300, 300, 100]
