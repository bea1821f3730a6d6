"""Retrieval beside a slow loop that looks at one query after the other."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from challenges.task import ImageInput, Task
from scoring import scores
from scoring.kinds import similarity
from scoring.kinds.outcomes import unpacked
from scoring.verdicts import Rejected
from tests.scoring.models import never

Values = NDArray[Any]
IMAGE = ImageInput(type="image", channels=1, height=4, width=4)
TASK = Task(kind="similarity", metric="map_at_r", input=IMAGE, embedding_size=16)


def slow(truth: Values, embeddings: Values, query: int) -> dict[str, float] | None:
    """One query by the definition: sort the gallery, look at the first R."""
    gallery = [row for row in range(len(truth)) if truth[row, 1] != 1 and row != query]
    likeness = [float(embeddings[row] @ embeddings[query]) for row in gallery]
    ordered = [row for _, row in sorted(zip(likeness, gallery, strict=True), key=lambda pair: -pair[0])]
    hits = [bool(truth[row, 0] == truth[query, 0]) for row in ordered]
    relevant = sum(hits)
    if relevant == 0:
        return None
    precisions = [sum(hits[: rank + 1]) / (rank + 1) for rank in range(relevant) if hits[rank]]
    recalls = {f"recall_at_{k}": float(any(hits[:k])) for k in (1, 5, 10)}
    return {**recalls, "map_at_r": sum(precisions) / relevant}


@settings(max_examples=60, deadline=None)
@given(st.integers(4, 24), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_retrieval_is_that_of_a_slow_loop(count: int, identities: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    truth = np.stack([generator.integers(0, identities, count), generator.integers(0, 3, count)], axis=1)
    raw = generator.normal(size=(count, 16)).astype(np.float32)
    embeddings = similarity.prepared(raw, TASK)
    wanted = {q: slow(truth, embeddings, q) for q in range(count) if truth[q, 1] != 0}
    found = similarity.by_query(truth, embeddings)
    for query in range(count):
        expected = wanted.get(query)
        for name, values in found.items():
            if expected is None:
                assert np.isnan(values[query])
            else:
                assert values[query] == pytest.approx(expected[name])


def test_a_worked_example() -> None:
    # The query's like are the second and the third of the gallery: R = 2, and of the first two one is right.
    embeddings = np.array([[1, 0], [0.9, 0.1], [0.7, 0.7], [0, 1]], np.float32)
    raw = np.pad(embeddings, ((0, 0), (0, 14)))
    truth = np.array([[1, 1], [2, 0], [1, 0], [1, 0]])
    found = similarity.metrics(truth, similarity.prepared(raw, TASK), TASK)
    assert found == {"recall_at_1": 0.0, "recall_at_5": 1.0, "recall_at_10": 1.0, "map_at_r": 0.25}


def test_what_is_equally_like_comes_in_the_order_of_the_gallery() -> None:
    raw = np.zeros((4, 16), np.float32)
    raw[:, 0] = [1, 2, 3, 0.5]
    raw[3, 1] = 1e-3
    truth = np.array([[1, 1], [2, 0], [1, 0], [3, 0]])
    assert similarity.metrics(truth, similarity.prepared(raw, TASK), TASK)["recall_at_1"] == 0


def test_a_large_gallery_is_searched_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    truth = np.stack([np.arange(60) % 6, np.full(60, 2)], axis=1)
    embeddings = similarity.prepared(generator.normal(size=(60, 16)).astype(np.float32), TASK)
    whole = similarity.metrics(truth, embeddings, TASK)
    monkeypatch.setattr(similarity, "_CELLS_AT_ONCE", 130)
    assert similarity.metrics(truth, embeddings, TASK) == whole


def test_somebody_who_knows_the_answers_is_perfect_with_many_identities() -> None:
    truth = np.stack([np.arange(400) // 2, np.full(400, 2)], axis=1)
    answers = similarity.prepared(similarity.reference(truth, TASK), TASK)
    score = scores.of_split("private", truth, answers, TASK, never)
    assert score.value == scores.best_value(TASK) == 1
    assert not similarity.chance(truth, answers, TASK).passed


def test_a_guess_is_chance_and_has_an_interval() -> None:
    truth = np.stack([np.arange(200) % 20, np.full(200, 2)], axis=1)
    answers = similarity.prepared(similarity.guess(truth, TASK, np.random.default_rng(1)), TASK)
    assert similarity.chance(truth, answers, TASK).passed
    score = scores.of_split("private", truth, answers, TASK, never)
    assert score.low < score.value < score.high
    packed = similarity.outcomes("private", truth, answers, TASK)
    assert np.nanmean(unpacked(packed.values, "<f4")) == pytest.approx(score.value, rel=1e-6)


def test_the_interval_is_over_queries() -> None:
    truth = np.stack([np.arange(60) % 6, np.r_[np.zeros(30), np.ones(30)]], axis=1).astype(np.int64)
    raw = np.random.default_rng(3).normal(size=(60, 16)).astype(np.float32)
    answers = similarity.prepared(raw, TASK)
    values = similarity.by_query(truth, answers)["map_at_r"]
    scored = values[np.isfinite(values)]
    assert len(scored) == 30
    generator = np.random.default_rng(9)
    slowly = [generator.choice(scored, len(scored)).mean() for _ in range(4000)]
    low, high = similarity.interval("map_at_r", truth, answers, TASK)
    assert (low, high) == pytest.approx(np.quantile(slowly, [0.025, 0.975]), abs=0.01)


@pytest.mark.parametrize(
    ("change", "words"),
    [("a zero", "1 of 5 embeddings of norm 0"), ("all alike", "one and the same embedding")],
)
def test_embeddings_without_meaning_are_refused(change: str, words: str) -> None:
    raw = np.random.default_rng(0).normal(size=(5, 16)).astype(np.float32)
    if change == "a zero":
        raw[2] = 0
    else:
        raw[:] = raw[0]
    with pytest.raises(Rejected) as caught:
        similarity.prepared(raw, TASK)
    assert words in caught.value.verdict.found
