"""Splits of exact sizes, groups whole, classes everywhere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from challenges.importers.likeness import crossing, identical, united
from challenges.importers.splitting import LEFT_OUT, CannotSplit, drawn, shared_out

NO_PAIRS = np.zeros((0, 2), np.int64)


def presence_of(
    labels: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.eye(int(labels.max()) + 1, dtype=np.int64)[labels]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(2, 4))
def test_a_draw_has_exact_sizes_whole_groups_and_every_class(seed: int, largest: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    groups = np.sort(rng.integers(0, 400 // largest, 400))
    groups = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    spared = int(np.bincount(groups).max()) - 1
    sizes = [120, 400 - 120 - spared]
    turns = rng.integers(0, 2, 400)
    split = drawn(presence_of(np.arange(400) % classes), groups, sizes, rng, turns=turns)
    assert [int((split == number).sum()) for number in (0, 1)] == sizes
    kept = split != LEFT_OUT
    assert crossing(groups[kept], split[kept]) == []
    for group in np.unique(groups[kept]):
        within = groups == group
        left_out = turns[within & ~kept]
        assert not len(left_out) or turns[within & kept].max() <= left_out.min()


def test_shares_are_met_to_one_example_where_nothing_stays_together() -> None:
    labels = np.repeat([0, 1], [90, 10])
    split = shared_out(presence_of(labels), np.arange(100), (60, 20, 20), np.random.default_rng(0))
    assert np.bincount(split).tolist() == [60, 20, 20]
    assert [int(labels[split == number].sum()) for number in range(3)] == [6, 2, 2]


def test_a_draw_of_more_than_there_is_says_how_much_there_is() -> None:
    groups, labels = np.repeat(np.arange(25), 4), np.zeros(100, np.int64)
    with pytest.raises(CannotSplit, match="expected at most 97 in all"):
        drawn(presence_of(labels), groups, [50, 50], np.random.default_rng(0), turns=labels)


def test_what_is_alike_in_any_way_is_one_group() -> None:
    same = identical(np.array([[1], [2], [1], [3], [4]]))
    named = np.array([0, 1, 2, 1, 3])
    assert united(5, [same, named], NO_PAIRS).tolist() == [0, 1, 0, 1, 2]
    assert united(5, [same, named], np.array([[0, 4], [4, 3]])).tolist() == [0, 0, 0, 0, 0]
