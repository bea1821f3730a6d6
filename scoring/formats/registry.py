"""The formats by name, and which one a file is: told by its content, never by its name."""

from typing import cast

from challenges.manifest import Format
from scoring.formats import code, dataset, onnx, predictions, sklearn
from scoring.formats.exam import FormatModule
from scoring.formats.peek import Peek
from scoring.verdicts import EXPECTED, FIXES, Rejected, not_accepted

FORMATS: dict[Format, FormatModule] = {
    "onnx": cast(FormatModule, onnx),
    "code": cast(FormatModule, code),
    "sklearn": cast(FormatModule, sklearn),
    "dataset": cast(FormatModule, dataset),
    "predictions": cast(FormatModule, predictions),
}

UNTRUSTED: tuple[Format, ...] = ("onnx", "sklearn", "code", "dataset")
"""Formats that are only ever touched inside a box."""

NAMES: dict[Format, str] = {
    "onnx": "an ONNX model",
    "sklearn": "a scikit-learn model",
    "code": "a zip of code",
    "dataset": "a CSV of changes to the training data",
    "predictions": "a CSV of predictions",
}

LOOK_ALIKES: dict[str, tuple[int, bytes]] = {
    "an HDF5 file, as Keras writes": (0, b"\x89HDF"),
    "a numpy array": (0, b"\x93NUMPY"),
    "a TensorFlow Lite model": (4, b"TFL3"),
    "a GGUF model": (0, b"GGUF"),
    "a PNG image": (0, b"\x89PNG"),
    "a JPEG image": (0, b"\xff\xd8\xff"),
    "a PDF": (0, b"%PDF"),
    "a gzip archive": (0, b"\x1f\x8b"),
    "a safetensors file: weights without code": (8, b'{"'),
    "a JSON text": (0, b"{"),
    "a web page": (0, b"<"),
}
"""What people hand in by mistake: where in the file, and the bytes that tell."""


UNKNOWN = "a file of a kind that we do not know"


def detect(peek: Peek) -> Format | None:
    """The format of a file, or None."""
    return next((name for name, module in FORMATS.items() if module.detect(peek)), None)


def identify(peek: Peek, accepted: list[Format]) -> Format:
    """The format, if the challenge takes it. Raises `Rejected`, naming what the file seems to be."""
    found = detect(peek)
    if found is None:
        alike = (name for name, (at, magic) in LOOK_ALIKES.items() if peek.head[at:].startswith(magic))
        text = "a PyTorch file" if sklearn.is_torch(peek) else next(alike, UNKNOWN)
        raise Rejected("unknown_format", text, EXPECTED["unknown_format"], FIXES["unknown_format"])
    if found not in accepted:
        raise not_accepted(NAMES[found], [NAMES[name] for name in accepted])
    return found
