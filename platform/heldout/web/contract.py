"""What a challenge asks for, in words: the task, what a team hands in, how that is measured."""

from dataclasses import dataclass

from challenges.manifest import Budget, Format, Manifest
from challenges.outputs import expected_output
from challenges.task import METRIC_LABELS, ImageInput, Kind, Task

_SUFFIXES: dict[Format, list[str]] = {
    "onnx": [".onnx"],
    "sklearn": [".skops", ".pkl", ".joblib"],
    "torch": [".pt", ".pt2", ".safetensors"],
    "code": [".zip"],
    "predictions": [".csv", ".parquet", ".npz", ".npy"],
    "dataset": [".csv"],
}
"""What files of a format are usually called; what counts is their content."""

_NOT_FOR_MASKS = (".csv", ".parquet")
_MODELS: tuple[Format, ...] = ("onnx", "sklearn", "torch", "code")

_COLUMNS: dict[Kind, str] = {
    "classification": "id,label or id,p_… for each class",
    "detection": "id,class,score,x0,y0,x1,y1, a row for each box",
    "segmentation": "arrays ids and predictions [n, height, width]",
    "similarity": "id,e_0,e_1,…",
    "regression": "id,value",
}

_ESTIMATORS: dict[Kind, str] = {"classification": "classifier", "regression": "regressor"}


@dataclass(frozen=True)
class FormatLine:
    """A format that the challenge takes. `columns` says how predictions are laid out."""

    name: Format
    suffixes: list[str]
    estimator: str
    columns: str


@dataclass(frozen=True)
class Contract:
    """What the page says between the data and the form.

    `noun` is what is handed in. `output` is in the words of the verdict on a wrong one.
    """

    noun: str
    task: str
    formats: list[FormatLine]
    output: str
    metric: str
    budget: str
    """What a model may cost at most; empty where that is left open."""


def contract(manifest: Manifest) -> Contract:
    """The contract of a challenge."""
    task = manifest.task
    return Contract(
        noun=_noun(manifest),
        task=_task(task),
        formats=[_line(name, task) for name in manifest.formats],
        output=expected_output(task),
        metric=_metric(task),
        budget=_budget(manifest.limits.budget),
    )


def suffixes(manifest: Manifest) -> list[str]:
    """How files that the challenge takes are usually called, each once."""
    named = [suffix for name in manifest.formats for suffix in _suffixes(name, manifest.task)]
    return list(dict.fromkeys(named))


def _suffixes(name: Format, task: Task) -> list[str]:
    masks = name == "predictions" and task.kind == "segmentation"
    return [suffix for suffix in _SUFFIXES[name] if not (masks and suffix in _NOT_FOR_MASKS)]


def _line(name: Format, task: Task) -> FormatLine:
    estimator = _ESTIMATORS.get(task.kind, "estimator")
    return FormatLine(name, _suffixes(name, task), estimator, _COLUMNS.get(task.kind, ""))


def _noun(manifest: Manifest) -> str:
    if manifest.task.training is not None:
        return "data"
    return "a model" if set(_MODELS) & set(manifest.formats) else "predictions"


def _task(task: Task) -> str:
    example = "image" if isinstance(task.input, ImageInput) else "row"
    classes = len(task.classes)
    asked = {
        "classification": f"Classification: which of {classes} classes each {example} shows",
        "detection": f"Detection: where objects of {classes} class{'es' * (classes > 1)} are in each image",
        "segmentation": f"Segmentation: which of {classes} classes each pixel belongs to",
        "similarity": f"Similarity: an embedding of each {example}, near those of the same identity",
        "regression": f"Regression: a number for each {example}",
        "images": f"Images: one made of each {example}",
    }[task.kind]
    return f"{asked}, by a fixed model that is trained on your data" if task.training else asked


def _budget(budget: Budget | None) -> str:
    if budget is None:
        return ""
    bounds = {"multiply-accumulates for one example": budget.macs, "parameters": budget.parameters}
    return "at most " + " and ".join(f"{most:,} {what}" for what, most in bounds.items() if most is not None)


def _metric(task: Task) -> str:
    """The metric, and what a weighed one is made of: `0.7 x mAP at R + 0.3 x Recall at 1`."""
    if not task.weights:
        return task.metric_label
    parts = [f"{weight:g} \u00d7 {METRIC_LABELS[name]}" for name, weight in task.weights.items()]
    return " + ".join(parts)
