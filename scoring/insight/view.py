"""One answered split, as insight looks at it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from challenges.splits import Ids, Inputs, Labels
from challenges.task import ImageInput, Task
from scoring.kinds.kind import Predictions


@dataclass(frozen=True)
class View:
    """A split with its prepared predictions. `values`: how well each example was answered, NaN where it
    does not count, as `scoring.job.Outcomes` says."""

    task: Task
    inputs: Inputs
    truth: Labels
    ids: Ids
    predictions: Predictions
    values: NDArray[np.float32]

    @property
    def images(self) -> Inputs | None:
        """The inputs where they are images, uint8 [n, channels, height, width]."""
        return self.inputs if isinstance(self.task.input, ImageInput) else None

    def worst(self, most: int) -> list[int]:
        """Rows of the lowest outcomes below the best one there is, the lowest first."""
        rows = np.argsort(self.values, kind="stable")
        known = rows[np.isfinite(self.values[rows])]
        return [int(row) for row in known[:most] if self.values[row] < self.best]

    @property
    def best(self) -> float:
        """The outcome of a perfect answer: 0 for an error, else 1."""
        return 0.0 if self.task.kind == "regression" else 1.0
