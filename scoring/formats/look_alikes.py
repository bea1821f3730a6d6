"""Files that people hand in by mistake, or in good faith: what they are, and how to go on from there."""

import codecs
import re
from typing import NamedTuple

from scoring.formats.peek import Peek
from scoring.sandbox.work import printable

_ONNX = "export your model to ONNX, as with torch.onnx.export(model, example, 'model.onnx')"
_TF = "convert it to ONNX with `python -m tf2onnx.convert`, which reads {}"
_TREES = (
    "convert it to ONNX with onnxmltools.convert_{}(model, initial_types=[('x', FloatTensorType([None, n]))])"
)
_UNPACK = "unpack it and hand in the one file that is the model; code goes into a zip with model.py"
_CODE = "hand in a zip with model.py and the weights, or export the model to ONNX"
_CSV = "save it as a plain CSV with commas, in UTF-8"
_NOT_A_MODEL = "hand in the model itself, or a file of predictions, not a picture or a page of it"
_WEIGHTS = (
    "weights alone say nothing of the layers: save a program, with torch.jit.script(model).save('model.pt') "
    "or torch.export.save, or export to ONNX"
)


class LookAlike(NamedTuple):
    """What a file seems to be, and what to do with it."""

    name: str
    fix: str


class _Magic(NamedTuple):
    at: int
    mark: bytes
    what: LookAlike


_KERAS = LookAlike("an HDF5 file, as Keras writes", _TF.format("a SavedModel of it, from model.export"))
_XGBOOST = LookAlike("a model of XGBoost", _TREES.format("xgboost"))
_LIGHTGBM = LookAlike("a model of LightGBM", _TREES.format("lightgbm"))
_TORCH = LookAlike("a PyTorch file: weights or a pickle, not a program", f"{_WEIGHTS}; {_ONNX}")
_TEXT = LookAlike("a JSON text", "hand in the model in a format that the challenge's page names")

_MAGIC = [
    _Magic(0, b"\x89HDF", _KERAS),
    _Magic(4, b"TFL3", LookAlike("a TensorFlow Lite model", _TF.format("--tflite model.tflite"))),
    _Magic(0, b"GGUF", LookAlike("a GGUF model, as llama.cpp reads it", _CODE)),
    _Magic(
        0, b"CBM1", LookAlike("a model of CatBoost", "save it with model.save_model('m.onnx', format='onnx')")
    ),
    _Magic(0, b"binf", _XGBOOST),
    _Magic(0, b"{L\0\0\0\0\0\0\0\x07learner", _XGBOOST),
    _Magic(0, b"tree\n", _LIGHTGBM),
    _Magic(0, b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", _TORCH),
    _Magic(8, b'{"', LookAlike("a safetensors file: weights without code", _WEIGHTS)),
    _Magic(0, b"ARROW1", LookAlike("a Feather or Arrow file", "save it as Parquet, with df.to_parquet")),
    _Magic(0, b"PAR1", LookAlike("a Parquet file that was cut off", "upload the file again")),
    _Magic(0, b"MATLAB", LookAlike("a MATLAB file", _CODE)),
    _Magic(0, b"\xd0\xcf\x11\xe0", LookAlike("an old Office file", _CSV)),
    _Magic(0, b"SQLite format 3", LookAlike("an SQLite database", _CSV)),
    _Magic(0, b"\x89PNG", LookAlike("a PNG image", _NOT_A_MODEL)),
    _Magic(0, b"\xff\xd8\xff", LookAlike("a JPEG image", _NOT_A_MODEL)),
    _Magic(0, b"GIF8", LookAlike("a GIF image", _NOT_A_MODEL)),
    _Magic(8, b"WEBP", LookAlike("a WebP image", _NOT_A_MODEL)),
    _Magic(0, b"%PDF", LookAlike("a PDF", _NOT_A_MODEL)),
    _Magic(0, b"\x1f\x8b", LookAlike("a gzip archive", _UNPACK)),
    _Magic(257, b"ustar", LookAlike("a tar archive", _UNPACK)),
    _Magic(0, b"7z\xbc\xaf\x27\x1c", LookAlike("a 7z archive", _UNPACK)),
    _Magic(0, b"Rar!", LookAlike("a rar archive", _UNPACK)),
    _Magic(0, b"BZh", LookAlike("a bzip2 archive", _UNPACK)),
    _Magic(0, b"\xfd7zXZ", LookAlike("an xz archive", _UNPACK)),
    _Magic(0, b"\x28\xb5\x2f\xfd", LookAlike("a Zstandard archive", _UNPACK)),
    _Magic(0, b"\x7fELF", LookAlike("a program or a shared library", _CODE)),
    _Magic(0, b"MZ", LookAlike("a program for Windows", _CODE)),
    _Magic(0, b"\xff\xfe", LookAlike("a text in UTF-16, as Excel's Unicode text is", _CSV)),
    _Magic(0, b"\xfe\xff", LookAlike("a text in UTF-16", _CSV)),
]

_IN_A_ZIP: list[tuple[bytes, LookAlike]] = [
    (b"saved_model.pb", LookAlike("a TensorFlow SavedModel", _TF.format("--saved-model DIR"))),
    (
        b"model.weights.h5",
        LookAlike("a Keras model", _TF.format("a SavedModel of it, from model.export")),
    ),
    (b"xl/workbook.xml", LookAlike("an Excel workbook", _CSV)),
    (b"word/document.xml", LookAlike("a Word document", _NOT_A_MODEL)),
    (
        b"com.apple.CoreML",
        LookAlike("a Core ML package", "go back to the model that it was made from, and export that to ONNX"),
    ),
    (b"data.pkl", _TORCH),
    (
        b".onnx",
        LookAlike("a zip with an ONNX model in it", "hand in the .onnx file itself, with its weights inside"),
    ),
]

_TEXTS: list[tuple[re.Pattern[bytes], LookAlike]] = [
    (
        re.compile(rb"(<\?xml[^>]*>\s*)?<PMML"),
        LookAlike(
            "a PMML model", "train with scikit-learn and save with skops, or convert the model to ONNX"
        ),
    ),
    (
        re.compile(rb"<(!doctype|html|head)", re.IGNORECASE),
        LookAlike("a web page", "download the file itself"),
    ),
    (re.compile(rb"<"), LookAlike("an XML text or a web page", "download the file itself")),
    (re.compile(rb'\{\s*"(learner|version"\s*:\s*\[)'), _XGBOOST),
    (
        re.compile(rb'\{\s*"(cells|nbformat|metadata)"'),
        LookAlike("a Jupyter notebook", "run it, and hand in the model that it saves"),
    ),
    (
        re.compile(rb'\[\s*\{\s*"image_id"'),
        LookAlike(
            "COCO results as JSON",
            "write a CSV of id,class,score,x0,y0,x1,y1, with corners in place of sizes",
        ),
    ),
    (
        re.compile(rb"version https://git-lfs"),
        LookAlike("a pointer of Git LFS, not the file itself", "fetch the file with `git lfs pull`"),
    ),
    (
        re.compile(rb"(import |from [\w.]+ import |#!.*python)"),
        LookAlike("Python code", "put it into a zip as model.py"),
    ),
    (re.compile(rb"[\[{]"), _TEXT),
]

_UNKNOWN = LookAlike("a file of a kind that we do not know", _ONNX)
_ENTRY_NAMES = re.compile(rb"PK\x03\x04.{22}(..)..", re.DOTALL)
_LONGEST_LINE = 80


def look_alike(peek: Peek) -> LookAlike:
    """What a file of no known format seems to be."""
    if not peek.head:
        return LookAlike("an empty file", "upload the file again; it may not have been written to its end")
    if peek.is_zip:
        return _zip(peek)
    found = next((m.what for m in _MAGIC if peek.head[m.at :].startswith(m.mark)), None)
    return found or _text(peek.head) or _UNKNOWN


def _zip(peek: Peek) -> LookAlike:
    found = next((what for name, what in _IN_A_ZIP if peek.names(name)), None)
    if found is not None:
        return found
    names = [
        peek.head[match.end() : match.end() + int.from_bytes(match[1], "little")]
        for match in _ENTRY_NAMES.finditer(peek.head)
    ]
    listed = ", ".join(printable(name[:60].decode(errors="replace")) for name in names[:3]) or "nothing"
    return LookAlike(
        f"a zip that begins with {listed}",
        "name the one file with code model.py, at the zip's root; or hand in the model file itself",
    )


def _text(head: bytes) -> LookAlike | None:
    """For bytes that are text: what it is, or else its first line."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if b"\0" in text or not text:
        return None
    found = next((what for pattern, what in _TEXTS if pattern.match(text)), None)
    if found is not None:
        return found
    try:
        line = _first_characters(text)
    except UnicodeDecodeError:
        return None
    return LookAlike(
        f"a text that begins with {printable(line)!r}",
        "begin a CSV with its header, whose first column is id; separate columns by commas",
    )


def _first_characters(text: bytes) -> str:
    """The beginning of the first line. Raises UnicodeDecodeError, but not where a letter was cut in two."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    return decoder.decode(text.splitlines()[0][: 4 * _LONGEST_LINE])[:_LONGEST_LINE]
