"""Similarity: an embedding of each example, by which queries find their like in a gallery.

Likeness is the cosine of two embeddings. An example never finds itself, and what is equally like comes in
the order of the gallery. Queries that nothing in the gallery answers are not scored.

Musgrave, Belongie and Lim, A Metric Learning Reality Check (2020), for mAP at R.
"""

from collections.abc import Collection
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from challenges.manifest import Split
from challenges.splits import Labels
from challenges.task import MetricName, Task
from scoring import statistics
from scoring.job import Outcomes
from scoring.kinds.kind import Judgement, Predictions
from scoring.kinds.outcomes import packed
from scoring.learned import ClassScore
from scoring.statistics import Floats
from scoring.verdicts import Rejected

Roles = NDArray[np.bool_]

AT: dict[MetricName, int] = {"recall_at_1": 1, "recall_at_5": 5, "recall_at_10": 10}
_CELLS_AT_ONCE = 4_000_000
"""Likenesses in memory at a time: a gallery of 10,000 and all its queries would be 100 million."""

_SIGMAS = 4.0
_CODE_SEED = 7


def prepared(predictions: Predictions, task: Task) -> Floats:
    """Embeddings of length 1, [n, size]. Raises `Rejected` for those that have no direction."""
    values = predictions.astype(np.float64)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    zeros = int((lengths == 0).sum())
    if zeros:
        found = f"{zeros} of {len(values)} embeddings of norm 0"
        fix = "look for a ReLU as the last layer, which can leave nothing; embeddings need a direction"
        raise Rejected("not_finite", found, "embeddings that are not all zeros", fix)
    directions = np.asarray(values / lengths)
    if len(values) > 1 and np.allclose(directions, directions[0], atol=1e-7):
        found = f"one and the same embedding for all of {len(values)} examples"
        fix = "the model does not look at its input: check that its weights were loaded and are not zero"
        raise Rejected("bad_shape", found, "embeddings that differ between examples", fix)
    return directions


def _roles(truth: Labels) -> tuple[Roles, Roles]:
    """Which examples are queries, and which are in the gallery."""
    return truth[:, 1] != 0, truth[:, 1] != 1


def by_query(truth: Labels, embeddings: Floats) -> dict[MetricName, Floats]:
    """Each metric of each query, [n]; NaN for examples that are no scored query."""
    queries, gallery = _roles(truth)
    places, offered = np.flatnonzero(queries), np.flatnonzero(gallery)
    names: tuple[MetricName, ...] = (*AT, "map_at_r")
    found = {name: np.full(len(truth), np.nan) for name in names}
    step = max(1, _CELLS_AT_ONCE // max(1, len(offered)))
    for start in range(0, len(places), step):
        part = places[start : start + step]
        likeness = embeddings[part] @ embeddings[offered].T
        likeness[part[:, None] == offered[None, :]] = -np.inf
        for name, values in _measured(truth, part, offered, likeness).items():
            found[name][part] = values
    return found


def _measured(
    truth: Labels, part: NDArray[np.int64], offered: NDArray[np.int64], likeness: Floats
) -> dict[MetricName, Floats]:
    """The metrics of some queries, [queries]."""
    relevant = truth[part, 0][:, None] == truth[offered, 0][None, :]
    relevant[part[:, None] == offered[None, :]] = False
    count = relevant.sum(axis=1)
    most = min(len(offered), max(*AT.values(), int(count.max(initial=0))))
    first = np.argsort(-likeness, axis=1, kind="stable")[:, :most]
    hits = np.take_along_axis(relevant, first, axis=1)
    known = count > 0
    measured: dict[MetricName, Floats] = {
        name: np.where(known, hits[:, :k].any(axis=1), np.nan) for name, k in AT.items()
    }
    ranks = np.arange(1, most + 1)
    precision = hits.cumsum(axis=1) / ranks * hits * (ranks <= count[:, None])
    measured["map_at_r"] = np.where(known, precision.sum(axis=1) / np.maximum(count, 1), np.nan)
    return measured


def metrics(truth: Labels, predictions: Floats, task: Task) -> dict[MetricName, float]:
    """Means over the scored queries."""
    return {name: float(np.nanmean(values)) for name, values in by_query(truth, predictions).items()}


def resampled(
    names: Collection[MetricName], truth: Labels, predictions: Floats, task: Task
) -> dict[MetricName, Floats]:
    """Each metric on the same bootstrap resamples of the queries, [resamples]; the gallery stays whole."""
    found = by_query(truth, predictions)
    scored = np.isfinite(found["map_at_r"])
    measures = {name: statistics.mean_of(found[name][scored]) for name in names}
    return statistics.bootstrap(int(scored.sum()), measures)


def interval(metric: MetricName, truth: Labels, predictions: Floats, task: Task) -> tuple[float, float]:
    """The 95 % interval of one metric, by the bootstrap over queries."""
    return statistics.percentiles(resampled([metric], truth, predictions, task)[metric])


def outcomes(split: Split, truth: Labels, predictions: Floats, task: Task) -> Outcomes:
    """Average precision at R of each query."""
    values = by_query(truth, predictions)["map_at_r"]
    return Outcomes(split=split, count=len(truth), values=packed(values, "<f4"))


def per_class(truth: Labels, predictions: Floats, task: Task) -> list[ClassScore]:
    """Identities are no classes: each has a few examples, and hidden ones are never told apart."""
    return []


def reference(truth: Labels, task: Task) -> Predictions:
    """A random direction for each identity: in this many dimensions no two are alike."""
    identities, places = np.unique(truth[:, 0], return_inverse=True)
    codes = np.random.default_rng(_CODE_SEED).normal(size=(len(identities), task.embedding_size))
    return codes[places].astype(np.float32)


def guess(truth: Labels, task: Task, generator: np.random.Generator) -> Predictions:
    """A random direction for each example."""
    return generator.normal(size=(len(truth), task.embedding_size)).astype(np.float32)


def chance(truth: Labels, predictions: Floats, task: Task) -> Judgement:
    """Whether recall at 1 is that of a gallery in random order, and what the binomial leaves around it."""
    value = metrics(truth, predictions, task)["recall_at_1"]
    expected, queries = _chance_rate(truth)
    limit = expected + _SIGMAS * sqrt(expected * (1 - expected) / queries)
    return Judgement(
        passed=value <= limit,
        found=f"recall at 1 of {value:.4f}",
        expected=f"at most {limit:.4f}: chance, and {_SIGMAS:g} standard errors",
    )


def _chance_rate(truth: Labels) -> tuple[float, int]:
    """The mean share of the gallery that answers a scored query, and how many these are."""
    queries, gallery = _roles(truth)
    identities, counts = np.unique(truth[gallery, 0], return_counts=True)
    there = dict(zip(identities.tolist(), counts.tolist(), strict=True))
    both = queries & gallery
    relevant = np.array([there.get(identity, 0) for identity in truth[queries, 0].tolist()]) - both[queries]
    offered = gallery.sum() - both[queries]
    scored = relevant > 0
    return float((relevant[scored] / offered[scored]).mean()), int(scored.sum())
