"""What a model is asked to do: the kinds of task, their inputs and their metrics."""

import math
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal["classification", "detection", "segmentation", "similarity", "regression", "images"]
MetricName = Literal[
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "log_loss",
    "top_k",
    "roc_auc",
    "ap",
    "ap50",
    "ap75",
    "ap_small",
    "ap_medium",
    "ap_large",
    "miou",
    "miou_foreground",
    "dice",
    "pixel_accuracy",
    "recall_at_1",
    "recall_at_5",
    "recall_at_10",
    "map_at_r",
    "rmse",
    "mae",
    "r2",
    "mape",
    "images_right",
    "weighed",
    "custom",
]

METRICS: dict[Kind, tuple[MetricName, ...]] = {
    "classification": ("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "top_k", "roc_auc"),
    "detection": ("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large"),
    "segmentation": ("miou", "miou_foreground", "dice", "pixel_accuracy"),
    "similarity": ("recall_at_1", "recall_at_5", "recall_at_10", "map_at_r"),
    "regression": ("rmse", "mae", "r2", "mape"),
    "images": ("images_right", "mae"),
}
"""What each kind of task can be measured by; every kind can also weigh several, or bring its own."""

CLASS_METRICS: dict[Kind, tuple[str, ...]] = {
    "classification": ("precision", "recall", "f1"),
    "detection": ("ap", "ap50"),
    "segmentation": ("iou", "dice"),
    "similarity": (),
    "regression": (),
    "images": (),
}
"""What a single class is measured by."""

LOWER_IS_BETTER: tuple[MetricName, ...] = ("log_loss", "rmse", "mae", "mape")
RANGES: dict[MetricName, tuple[float, float]] = {
    **dict.fromkeys(LOWER_IS_BETTER, (0, math.inf)),
    "r2": (-math.inf, 1),
}
"""The metrics that can leave 0..1."""
METRIC_LABELS: dict[MetricName, str] = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "macro_f1": "Macro F1",
    "log_loss": "Log loss",
    "top_k": "Top-k accuracy",
    "roc_auc": "ROC AUC",
    "ap": "AP",
    "ap50": "AP at IoU 0.50",
    "ap75": "AP at IoU 0.75",
    "ap_small": "AP, small objects",
    "ap_medium": "AP, medium objects",
    "ap_large": "AP, large objects",
    "miou": "Mean IoU",
    "miou_foreground": "Mean IoU of the foreground",
    "dice": "Mean Dice",
    "pixel_accuracy": "Pixel accuracy",
    "recall_at_1": "Recall at 1",
    "recall_at_5": "Recall at 5",
    "recall_at_10": "Recall at 10",
    "map_at_r": "mAP at R",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
    "mape": "MAPE",
    "images_right": "Images right",
    "weighed": "Weighed score",
    "custom": "Score",
}
MOST_BOXES = 100
"""Boxes of an image that count, the most confident first, as COCO has it."""
BOX_VALUES = 6
IGNORED = 255
"""Pixels of this value in a ground-truth mask are not scored."""
LONGEST_SOURCE = 2**16
"""Bytes of a metric's or a trainer's Python file."""


class Model(BaseModel):
    """A strict, immutable record: an unknown field in a bundle is a fault, not a surprise."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ImageInput(Model):
    """Images, stored as uint8 NCHW; a model receives float32 in 0..1, [n, channels, height, width]."""

    type: Literal["image"]
    channels: Literal[1, 3]
    height: int = Field(ge=1, le=1024)
    width: int = Field(ge=1, le=1024)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one example as a model receives it."""
        return (self.channels, self.height, self.width)


class TableInput(Model):
    """Rows of numbers, float32; a model receives [n, len(features)]."""

    type: Literal["table"]
    features: list[str] = Field(min_length=1)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one example as a model receives it."""
        return (len(self.features),)


InputSpec = Annotated[ImageInput | TableInput, Field(discriminator="type")]


class CustomMetric(Model):
    """A metric that the bundle brings: a Python file with `score(truth, predictions) -> float`.

    `truth` and `predictions` are arrays in the form that the task's kind gives them, a row an example.
    It runs in a box of its own. `source` is filled in when the bundle is read.
    """

    file: str = "metric.py"
    name: str = Field(min_length=1, max_length=40)
    higher_is_better: bool = True
    best: float
    worst: float
    source: str = Field(default="", max_length=LONGEST_SOURCE)


class Training(Model):
    """The rules of a data challenge: a fixed model is trained on the data that a team hands in.

    `trainer` is a Python file with `train(inputs, labels, seed)`, which returns a model with
    `predict(batch)`. `edits`: a team keeps, drops or relabels at most `budget` training examples.
    `selection`: it names at most `budget` that shall be used. `source` is filled in when the bundle
    is read.
    """

    trainer: str = "trainer.py"
    track: Literal["edits", "selection"]
    budget: int = Field(ge=1)
    smallest_class: int = Field(default=5, ge=1)
    source: str = Field(default="", max_length=LONGEST_SOURCE)


class Task(Model):
    """What a model is asked to do: all that the engine needs to know in order to score it."""

    kind: Kind
    classes: list[str] = []
    metric: MetricName
    input: InputSpec
    weights: dict[MetricName, float] = {}
    custom: CustomMetric | None = None
    top_k: int = Field(default=5, ge=2)
    embedding_size: int = Field(default=512, ge=2, le=4096)
    """Similarity: the most numbers that a model may describe an example by."""
    training: Training | None = None
    target: ImageInput | None = None
    """Images: the form of the image that a model makes of each example."""
    tolerance: int = Field(default=2, ge=0, le=255)
    """Images: grey levels by which a value may be off, and the image still be right."""

    @property
    def higher_is_better(self) -> bool:
        """Whether a larger value of the task's metric is the better one."""
        if self.custom is not None:
            return self.custom.higher_is_better
        return not any(name in LOWER_IS_BETTER for name in (self.metric, *self.weights))

    @property
    def metric_label(self) -> str:
        """The metric's name for a person."""
        return self.custom.name if self.custom is not None else METRIC_LABELS[self.metric]

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the prediction for one example, as it is scored.

        Classification: a score a class. Detection: rows of x0, y0, x1, y1, score, class. Segmentation:
        a class a pixel. Similarity: an embedding, shorter ones filled with zeros. Regression: a number.
        Images: channels, height and width of an image.
        """
        if self.kind == "classification":
            return (len(self.classes),)
        if self.kind == "detection":
            return (MOST_BOXES, BOX_VALUES)
        if self.kind == "segmentation":
            return self.input.shape[-2:]
        if self.target is not None:
            return self.target.shape
        return (self.embedding_size,) if self.kind == "similarity" else (1,)

    @property
    def output_dtype(self) -> str:
        """Type of the numbers of a prediction, in numpy's notation."""
        return "|u1" if self.kind in ("segmentation", "images") else "<f4"

    @model_validator(mode="after")
    def fits_together(self) -> "Task":
        """Fields that only some kinds and metrics need are there exactly when they are needed."""
        _check_classes(self)
        _check_metric(self)
        if self.kind in ("detection", "segmentation") and not isinstance(self.input, ImageInput):
            raise ValueError(f"kind {self.kind!r} with a table as input; expected images")
        if self.training is not None and self.kind not in ("classification", "regression"):
            raise ValueError(f"training with kind {self.kind!r}; expected classification or regression")
        if (self.kind == "images") != (self.target is not None):
            raise ValueError("target belongs to kind 'images', which needs it; expected both or neither")
        return self


_FEWEST_CLASSES: dict[Kind, int] = {"classification": 2, "detection": 1, "segmentation": 2}


def _check_classes(task: Task) -> None:
    fewest, found = _FEWEST_CLASSES.get(task.kind, 0), len(task.classes)
    if found < fewest:
        raise ValueError(f"classes has {found}; expected at least {fewest} for kind {task.kind!r}")
    if fewest == 0 and found:
        raise ValueError(f"classes has {found}; expected none for kind {task.kind!r}")
    if task.kind == "segmentation" and found > IGNORED:
        raise ValueError(f"classes has {found}; expected at most {IGNORED}, as masks are of 8 bits")


def _check_metric(task: Task) -> None:
    measured = METRICS[task.kind]
    for name in task.weights or {task.metric: 1.0}:
        if name not in (*measured, "weighed", "custom") or (task.weights and name not in measured):
            expected = ", ".join(measured)
            raise ValueError(f"metric {name!r} for kind {task.kind!r}; expected one of {expected}")
    if (task.metric == "weighed") != bool(task.weights):
        raise ValueError("weights belong to metric 'weighed', which needs them; expected both or neither")
    if (task.metric == "custom") != (task.custom is not None):
        raise ValueError("custom belongs to metric 'custom', which needs it; expected both or neither")
    if len({name in LOWER_IS_BETTER for name in task.weights}) > 1:
        raise ValueError("weights mix metrics where higher is better with such where lower is better")
    if any(weight <= 0 for weight in task.weights.values()):
        raise ValueError(f"weights {task.weights}; expected numbers above 0")
    if task.metric == "top_k" and task.top_k >= len(task.classes):
        raise ValueError(f"top_k {task.top_k}; expected less than the number of classes")
