"""The formats by name, and which one a file is: told by its content, never by its name."""

from typing import cast

from challenges.manifest import Format
from scoring.formats import code, dataset, onnx, predictions, sklearn, torch
from scoring.formats.exam import FormatModule
from scoring.formats.look_alikes import look_alike
from scoring.formats.peek import Peek
from scoring.sandbox.policy import BoxKind
from scoring.verdicts import Rejected, not_accepted

FORMATS: dict[Format, FormatModule] = {
    "onnx": cast(FormatModule, onnx),
    "code": cast(FormatModule, code),
    "torch": cast(FormatModule, torch),
    "sklearn": cast(FormatModule, sklearn),
    "dataset": cast(FormatModule, dataset),
    "predictions": cast(FormatModule, predictions),
}
"""Those come first that ask for more in a file, so that none is taken for a more general one."""

BOXES: dict[Format, BoxKind] = {
    "onnx": "onnx",
    "sklearn": "sklearn",
    "torch": "torch",
    "code": "code",
    "dataset": "trainer",
}
"""Formats that are only ever touched inside a box, and of which kind."""

NAMES: dict[Format, str] = {
    "onnx": "an ONNX model",
    "sklearn": "a scikit-learn model",
    "torch": "a program of PyTorch, or weights of the zoo in safetensors",
    "code": "a zip of code",
    "dataset": "a CSV of changes to the training data",
    "predictions": "a file of predictions (CSV, Parquet, npz or npy)",
}


def _possible(peek: Peek) -> list[Format]:
    """Every format that the file may be, the likeliest first."""
    return [name for name, module in FORMATS.items() if module.detect(peek)]


def detect(peek: Peek) -> Format | None:
    """The format that a file is likeliest of, or None."""
    return next(iter(_possible(peek)), None)


def identify(peek: Peek, accepted: list[Format]) -> Format:
    """The format, if the challenge takes it. Raises `Rejected`, naming what the file seems to be.

    A file that may be of several formats, as a column `id` alone, is of the one that the challenge takes.
    """
    possible = _possible(peek)
    names = [NAMES[name] for name in accepted]
    if not possible:
        seems = look_alike(peek)
        raise Rejected("unknown_format", seems.name, " or ".join(names), seems.fix)
    found = next((name for name in possible if name in accepted), None)
    if found is None:
        raise not_accepted(NAMES[possible[0]], names)
    return found
