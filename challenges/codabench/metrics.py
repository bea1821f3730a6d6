"""Which metric of ours a column of a leaderboard may mean. A name is a hint, never a proof."""

import re
from typing import NamedTuple

from challenges.codabench.competition import Column, Competition
from challenges.task import LOWER_IS_BETTER, METRICS, Kind, MetricName

SYNONYMS: dict[str, MetricName] = {
    "balanced_accuracy": "balanced_accuracy",
    "bac": "balanced_accuracy",
    "accuracy": "accuracy",
    "acc": "accuracy",
    "macro_f1": "macro_f1",
    "f1_macro": "macro_f1",
    "log_loss": "log_loss",
    "logloss": "log_loss",
    "cross_entropy": "log_loss",
    "roc_auc": "roc_auc",
    "auc": "roc_auc",
    "auroc": "roc_auc",
    "rmse": "rmse",
    "mae": "mae",
    "mape": "mape",
    "r2": "r2",
    "miou": "miou",
    "mean_iou": "miou",
    "dice": "dice",
    "pixel_accuracy": "pixel_accuracy",
    "map": "ap",
    "ap50": "ap50",
    "ap75": "ap75",
}


class Candidate(NamedTuple):
    """A column that may be one of our metrics; `agrees` says whether both call the same value better."""

    column: Column
    metric: MetricName
    kind: Kind
    agrees: bool


def candidates(competition: Competition) -> list[Candidate]:
    """The columns that sound like a metric of ours, in the order of the leaderboards."""
    found = []
    for board in competition.leaderboards:
        for column in sorted(board.columns, key=lambda column: column.index):
            metric = _metric(column)
            if metric is not None and column.computation is None:
                agrees = (column.sorting == "asc") == (metric in LOWER_IS_BETTER)
                found.append(Candidate(column, metric, _kind(metric), agrees))
    return found


def _metric(column: Column) -> MetricName | None:
    """The longest of our words that the key or the title holds, as whole words."""
    for text in (column.key, column.title):
        words = "_" + re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") + "_"
        fitting = [word for word in SYNONYMS if f"_{word}_" in words]
        if fitting:
            return SYNONYMS[max(fitting, key=len)]
    return None


def _kind(metric: MetricName) -> Kind:
    return next(kind for kind, metrics in METRICS.items() if metric in metrics)
