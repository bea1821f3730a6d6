"""A metric that a bundle brings: its Python runs in a box of its own, and only numbers come back.

The box is given the ground truth and the predictions of one split, nothing else of a submission. What
goes wrong in it is the challenge's fault and never a team's.
"""

import io
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from challenges.manifest import Limits, Split
from challenges.splits import Labels
from challenges.task import CustomMetric
from scoring import statistics
from scoring.formats.exam import Runner
from scoring.kinds.kind import Predictions
from scoring.sandbox.work import Ended, Work

LIMITS = Limits(wall_seconds=120, memory_mb=2048)
"""Of the box of a metric, on one split; a challenge's own limits are for what teams hand in."""

RESAMPLES = 200
FEWEST = 20
"""Resamples without which there is no interval."""

SECONDS = 10.0
"""No resample is begun after this time, once there are enough."""


class MetricFault(ValueError):
    """A challenge's metric gives no score; the text says why. Never a submission's fault."""


class Measured(NamedTuple):
    """A metric's value on a split, and its 95 % interval."""

    value: float
    low: float
    high: float


class _Told(BaseModel):
    """What a box says: the value, and the values on resamples of the examples."""

    model_config = ConfigDict(extra="forbid", strict=True)
    value: FiniteFloat
    resampled: list[FiniteFloat] = Field(min_length=FEWEST, max_length=RESAMPLES)


def measured(
    split: Split,
    truth: Labels,
    predictions: Predictions,
    metric: CustomMetric,
    run: Runner,
    limits: Limits = LIMITS,
) -> Measured:
    """Run the metric on one split. `predictions` are prepared. Raises `MetricFault`."""
    extra = {
        "source": metric.source,
        "file": metric.file,
        "resamples": RESAMPLES,
        "fewest": FEWEST,
        "seconds": SECONDS,
    }
    work = Work(_packed(truth, predictions), limits, extra=extra)
    try:
        facts = run("metric", work, lambda share: None).facts
    except Ended as ended:
        raise _fault(metric, split, "\n".join(filter(None, [ended.found, ended.excerpt]))) from ended
    try:
        told = _Told.model_validate_json(facts)
    except ValidationError as error:
        raise _fault(metric, split, "its box answered something else than numbers") from error
    return Measured(told.value, *statistics.percentiles(np.array(told.resampled)))


def _packed(truth: NDArray[Any], predictions: NDArray[Any]) -> bytes:
    """Both arrays as an npz file."""
    buffer = io.BytesIO()
    np.savez(buffer, truth=truth, predictions=predictions)
    return buffer.getvalue()


def _fault(metric: CustomMetric, split: Split, found: str) -> MetricFault:
    return MetricFault(f"{metric.file}, score(truth, predictions) on the {split} split: {found}")
