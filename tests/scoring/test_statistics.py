"""Intervals beside closed forms and beside the slow bootstrap over examples."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def test_draws_that_are_made_in_parts_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(3).random(50)
    whole = statistics.bootstrap(50, {"mean": statistics.mean_of(values)})["mean"]
    monkeypatch.setattr(statistics, "_DRAWN_AT_ONCE", 7 * 50)
    parts = statistics.bootstrap(50, {"mean": statistics.mean_of(values)})["mean"]
    assert (parts == whole).all()
    assert len(whole) == statistics.RESAMPLES
    assert [len(rows) for rows in statistics.draws(50, 10, width=70)] == [5, 5]


def test_the_bootstrap_is_a_loop_over_draws_that_all_measures_share() -> None:
    generator = np.random.default_rng(4)
    first, second = generator.normal(size=(2, 40))
    measures = {"first": statistics.mean_of(first), "second": statistics.mean_of(second)}
    found = statistics.bootstrap(40, measures)
    drawn = np.concatenate(list(statistics.draws(40)))
    assert found["first"] == pytest.approx([sum(first[row] for row in rows) / 40 for rows in drawn])
    assert found["second"] == pytest.approx([sum(second[row] for row in rows) / 40 for rows in drawn])


def test_resamples_that_leave_a_metric_undefined_are_left_out_of_its_interval() -> None:
    values = np.linspace(0, 1, 101)
    with_gaps = np.concatenate([values, np.full(40, np.nan)])
    assert statistics.percentiles(with_gaps) == pytest.approx(statistics.percentiles(values))


def slow_p(differences: list[float], resamples: int) -> float:
    """The same test by a plain loop, with draws of its own."""
    generator = np.random.default_rng(8)
    below = above = 0
    for _ in range(resamples):
        total = sum(differences[row] for row in generator.integers(0, len(differences), len(differences)))
        below, above = below + (total <= 0), above + (total >= 0)
    return min(1.0, 2 * (1 + min(below, above)) / (1 + resamples))


@pytest.mark.parametrize("rounded", [True, False], ids=["right or wrong", "any number"])
def test_the_paired_difference_is_that_of_a_plain_loop(rounded: bool) -> None:
    generator = np.random.default_rng(6)
    ours, theirs = generator.random((2, 120)) + np.array([[0.06], [0.0]])
    if rounded:
        ours, theirs = np.round(ours.clip(0, 1)), np.round(theirs)
    found = statistics.paired_difference(ours, theirs)
    difference = ours - theirs
    half = 1.96 * difference.std() / np.sqrt(120)
    assert found.mean == pytest.approx(difference.mean())
    assert (found.low, found.high) == pytest.approx((found.mean - half, found.mean + half), abs=half / 8)
    assert found.p == pytest.approx(slow_p(difference.tolist(), 1500), abs=0.06)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12))
def test_the_paired_difference_turns_round_with_its_sides(pairs: list[tuple[int, int]]) -> None:
    ours, theirs = np.array(pairs, dtype=np.float64).T
    found, turned = (statistics.paired_difference(a, b) for a, b in ((ours, theirs), (theirs, ours)))
    assert found.mean == pytest.approx(-turned.mean)
    assert found.low <= found.mean + 1e-12
    assert found.high >= found.mean - 1e-12
    assert 0 < found.p <= 1
    if (ours == theirs).all():
        assert found.p == 1


def test_equal_answers_are_tied_and_far_ones_are_not() -> None:
    right = np.ones(300)
    assert statistics.paired_difference(right, right) == (0, 0, 0, 1)
    far = statistics.paired_difference(right, np.zeros(300))
    assert far.low == far.high == 1
    assert far.p == pytest.approx(2 / 10_001)


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [([1.0, 2.0], [1.0], "one shape"), ([], [], "one shape"), ([np.nan], [1.0], "not finite")],
)
def test_values_that_cannot_be_paired_are_refused(ours: list[float], theirs: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        statistics.paired_difference(np.array(ours), np.array(theirs))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 10))
def test_mcnemar_sums_the_tails_of_a_fair_coin(better: int, worse: int, same: int) -> None:
    ours = np.repeat([1.0, 0.0, 1.0], [better, worse, same])
    theirs = np.repeat([0.0, 1.0, 1.0], [better, worse, same])
    coins = better + worse
    tail = sum(comb(coins, heads) / 2**coins for heads in range(min(better, worse) + 1))
    assert statistics.mcnemar(ours, theirs) == pytest.approx(min(1.0, 2 * tail))


def test_mcnemar_is_near_the_paired_bootstrap_and_holds_for_thousands() -> None:
    generator = np.random.default_rng(9)
    ours, theirs = (generator.random((2, 5000)) < [[0.75], [0.735]]).astype(np.float64)
    exact = statistics.mcnemar(ours, theirs)
    assert exact == pytest.approx(statistics.paired_difference(ours, theirs).p, abs=0.03)
    assert 0 < exact < 1


def test_mcnemar_refuses_what_is_not_right_or_wrong() -> None:
    with pytest.raises(ValueError, match="other than 0 and 1"):
        statistics.mcnemar(np.array([0.5]), np.array([1.0]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), max_size=8), st.sampled_from([0.01, 0.05, 0.2]))
def test_holm_rejects_from_the_smallest_on_until_the_first_that_stands(
    p_values: list[float], level: float
) -> None:
    rejected = []
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if (len(p_values) - rank) * p_values[place] > level:
            break
        rejected.append(place)
    corrected = statistics.holm(p_values)
    assert [place for place, p in enumerate(corrected) if p <= level] == sorted(rejected)
    assert all(p <= after <= 1 for p, after in zip(p_values, corrected, strict=True))


def test_holm_gives_the_textbook_values() -> None:
    assert statistics.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
