"""What a kind of task must say: the contract that every module of this package fulfils.

`truth` is the ground truth of a split as `challenges.splits.Labels` describes it. `predictions` is an
array [examples, *task.output_shape] of `task.output_dtype`; `prepared` checks it and puts it into the
form that all other functions take.
"""

from collections.abc import Collection
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from challenges.manifest import Split
from challenges.splits import Labels
from challenges.task import MetricName, Task
from scoring.job import Outcomes
from scoring.learned import ClassScore
from scoring.statistics import Floats

Predictions = NDArray[Any]


class Judgement(NamedTuple):
    """Whether something is as expected, in words."""

    passed: bool
    found: str
    expected: str


class KindModule(Protocol):
    """What a module of `scoring.kinds` offers."""

    def prepared(self, predictions: Predictions, task: Task) -> Predictions:
        """Predictions in the form that is scored. Raises `Rejected` for what cannot be scored."""

    def metrics(self, truth: Labels, predictions: Predictions, task: Task) -> dict[MetricName, float]:
        """Every metric of the kind that is defined on these examples. Nothing is rounded."""

    def interval(
        self, metric: MetricName, truth: Labels, predictions: Predictions, task: Task
    ) -> tuple[float, float]:
        """The 95 % interval of one metric."""

    def resampled(
        self, names: Collection[MetricName], truth: Labels, predictions: Predictions, task: Task
    ) -> dict[MetricName, Floats]:
        """Each metric on the same bootstrap resamples of the examples, [resamples]."""

    def outcomes(self, split: Split, truth: Labels, predictions: Predictions, task: Task) -> Outcomes:
        """What became of each example, packed for the message."""

    def per_class(self, truth: Labels, predictions: Predictions, task: Task) -> list[ClassScore]:
        """The scores of each class; none for a kind without classes."""

    def reference(self, truth: Labels, task: Task) -> Predictions:
        """The predictions of somebody who knows the answers, as they would be handed in."""

    def guess(self, truth: Labels, task: Task, generator: np.random.Generator) -> Predictions:
        """The predictions of somebody who knows only what the ground truth looks like in general."""

    def chance(self, truth: Labels, predictions: Predictions, task: Task) -> Judgement:
        """Whether prepared predictions score no better than a guess does."""
