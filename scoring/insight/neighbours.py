"""What a query of a similarity task found in the gallery."""

import numpy as np
from numpy.typing import NDArray

from scoring.insight.pictures import THUMBNAIL, Picture
from scoring.insight.view import View
from scoring.learned import Neighbour
from scoring.statistics import Floats

MOST = 5


def ranking(view: View, row: int) -> tuple[NDArray[np.int64], Floats]:
    """The rows of the gallery, the nearest first, without the query itself; and how like each row is."""
    likeness = view.predictions @ view.predictions[row]
    offered = np.flatnonzero(view.truth[:, 1] != 1)
    offered = offered[offered != row]
    return offered[np.argsort(-likeness[offered], kind="stable")], likeness


def true_rank(view: View, row: int, ranked: NDArray[np.int64]) -> int | None:
    """The place, from 1, at which the query's identity comes first; None where it is not in the gallery."""
    hits = np.flatnonzero(view.truth[ranked, 0] == view.truth[row, 0])
    return int(hits[0]) + 1 if len(hits) else None


def nearest(view: View, row: int, ranked: NDArray[np.int64], likeness: Floats) -> list[Neighbour]:
    """The first of the gallery, each with a small picture where it is an image."""
    return [
        Neighbour(
            id=str(view.ids[item]),
            name=f"identity {view.truth[item, 0]}",
            likeness=float(likeness[item]),
            right=bool(view.truth[item, 0] == view.truth[row, 0]),
            picture="" if view.images is None else Picture(view.images[item], THUMBNAIL).text(),
        )
        for item in ranked[:MOST]
    ]
