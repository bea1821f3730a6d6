"""What people hand in by mistake: each ends with one clear message and exit code 2, and nothing breaks."""

import gzip
import io
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
import torch
from onnx import TensorProto, helper
from safetensors.torch import save as safetensors_bytes
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.preprocessing import FunctionTransformer
from typer.testing import CliRunner

from challenges.build import given_folder
from challenges.splits import Ids, read_split
from scoring.__main__ import app
from scoring.sandbox.pool import Pool
from tests.scoring import bundles_by_kind as bundles
from tests.scoring.models import identity, onnx_model, pickled

VALIDATION = [f"validation-{number:05}" for number in range(1, 41)]
TRAIN = [f"train-{number:05}" for number in range(1, 61)]


def csv(header: str, *, answer: str = "red", ids: list[str] = VALIDATION, last: str = "") -> bytes:
    """A CSV that answers every id the same, and one more line."""
    return "\n".join([header, *(f"{name},{answer}" for name in ids), *([last] if last else [])]).encode()


def edit(line: str) -> bytes:
    """A change to the training data."""
    return f"id,action,label\n{line}\n".encode()


def npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def zipped(**files: str) -> bytes:
    """A zip of texts; `__` in a name stands for a slash."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/").replace("_py", ".py"), text)
    return buffer.getvalue()


def code(predict: str, load: str = "pass", head: str = "") -> bytes:
    functions = f"def load(folder):\n    {load}\n\ndef predict(batch):\n    {predict}\n"
    return zipped(model_py=f"import numpy as np\n{head}\n{functions}")


def climbing() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("model.py", "def load(folder): pass\ndef predict(batch): return batch\n")
        archive.writestr("../../outside.py", "x = 1\n")
    return buffer.getvalue()


def tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("model.py"))
    return buffer.getvalue()


def saved(thing: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(thing, buffer)
    return buffer.getvalue()


def scripted(module: torch.nn.Module, example: torch.Tensor) -> bytes:
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.trace(module, (example,)), buffer)  # type: ignore[no-untyped-call]
    return buffer.getvalue()


def model(nodes: list[Any], shape: list[Any], output: list[Any], **more: Any) -> bytes:
    return bytes(onnx_model(nodes, shape, output, **more).SerializeToString())


def external() -> bytes:
    found = identity()
    tensor = found.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")
    return bytes(found.SerializeToString())


def too_new() -> bytes:
    found = identity()
    found.opset_import[0].version = 99
    return bytes(found.SerializeToString())


def two_inputs() -> bytes:
    found = identity()
    found.graph.input.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n", 3]))
    return bytes(found.SerializeToString())


FOREIGN = FunctionTransformer(np.linalg.norm)
FITTED = LogisticRegression().fit(np.eye(3), [0, 1, 2])
SCALE = {"w": np.eye(3, dtype=np.float32)}
MAGIC = helper.make_node("Magic", ["x"], ["y"], domain="acme")
MATMUL = helper.make_node("MatMul", ["x", "w"], ["y"])

ROWS = "tabular"
CASES: dict[str, tuple[str, bytes, str]] = {
    # Files of another kind.
    "an empty file": (ROWS, b"", "empty"),
    "noise": (ROWS, bytes(range(256)), "could not tell"),
    "a text": (ROWS, b"bread, milk\n", "could not tell"),
    "a Keras file": (ROWS, b"\x89HDF\r\n\x1a\n" + bytes(99), "Keras"),
    "a TensorFlow Lite model": (ROWS, bytes(4) + b"TFL3" + bytes(99), "TensorFlow Lite"),
    "a GGUF model": (ROWS, b"GGUF" + bytes(99), "GGUF"),
    "a PNG image": (ROWS, b"\x89PNG\r\n\x1a\n" + bytes(99), "PNG"),
    "a JPEG image": (ROWS, b"\xff\xd8\xff\xe0" + bytes(99), "JPEG"),
    "a PDF": (ROWS, b"%PDF-1.7\n" + bytes(99), "PDF"),
    "a gzip archive": (ROWS, gzip.compress(b"hello"), "gzip"),
    "a tar archive": (ROWS, tar(), "tar"),
    "a JSON text": (ROWS, b'{"a": 1}', "JSON"),
    "a web page": (ROWS, b"<!doctype html><p>Log in", "web page"),
    "a zip of notes": (ROWS, zipped(notes="bread"), "zip"),
    # Predictions as CSV.
    "semicolons": (ROWS, b"id;label\na;red\n", "comma"),
    "another header": (ROWS, csv("id,colour"), "id,label"),
    "ids that are missing": (ROWS, csv("id,label", ids=VALIDATION[:-3]), "validation-00038"),
    "an id that comes twice": (ROWS, csv("id,label", last="validation-00001,red"), "validation-00001"),
    "a class that is unknown": (ROWS, csv("id,label", answer="purple"), "purple"),
    "classes by their numbers": (ROWS, csv("id,label", answer="3"), "red"),
    "a column that is missing": (ROWS, csv("id,p_red,p_green", answer="1,0"), "p_blue"),
    "a column too many": (ROWS, csv("id,p_red,p_green,p_blue,p_x", answer="1,0,0,0"), "p_x"),
    "words for numbers": (ROWS, csv("id,p_red,p_green,p_blue", answer="yes,0,0"), "yes"),
    "numbers that are not finite": (ROWS, csv("id,p_red,p_green,p_blue", answer="nan,0,0"), "finite"),
    "a line that is too long": (ROWS, csv("id,label", last="validation-00001,red,blue"), "42"),
    "a header alone": (ROWS, b"id,label\n", "no line"),
    "bytes that are no UTF-8": (ROWS, csv("id,label") + b"\n\xff\xfe,red", "UTF-8"),
    "labels for a number": ("regression", csv("id,label"), "id,value"),
    "words for values": ("regression", csv("id,value", answer="tall"), "tall"),
    "boxes as width and height": (
        "detection",
        csv("id,class,score,x0,y0,x1,y1", answer="red,0.9,9,9,3,3"),
        "width, height",
    ),
    "boxes of an unknown class": (
        "detection",
        csv("id,class,score,x0,y0,x1,y1", answer="purple,0.9,1,1,3,3"),
        "purple",
    ),
    "masks as CSV": ("segmentation", csv("id,label", answer="ground"), "npz"),
    "embeddings of zeros": ("similarity", csv("id,e_0,e_1", answer="0,0"), "norm"),
    # Predictions as npz and npy.
    "an npz without ids": (ROWS, npz(predictions=np.eye(3)), "ids"),
    "an npz of objects": (
        ROWS,
        npz(ids=np.array(VALIDATION), predictions=np.array([{}] * 40, object)),
        "object",
    ),
    "an npz of another shape": (
        ROWS,
        npz(ids=np.array(VALIDATION), predictions=np.ones((40, 4))),
        "40, 4",
    ),
    "an npz with fewer rows than ids": (
        ROWS,
        npz(ids=np.array(VALIDATION), predictions=np.ones((39, 3))),
        "39",
    ),
    "masks in colours": (
        "segmentation",
        npz(ids=np.array(VALIDATION), predictions=np.zeros((40, 12, 12, 3), np.uint8)),
        "12, 12, 3",
    ),
    "masks of a class that is unknown": (
        "segmentation",
        npz(ids=np.array(VALIDATION), predictions=np.full((40, 12, 12), 7, np.uint8)),
        "7",
    ),
    "an array without ids": (ROWS, npy(np.ones((40, 3))), "id"),
    # ONNX.
    "an ONNX file that was cut off": (
        ROWS,
        identity().SerializeToString()[:-20],
        "read",
    ),
    "an ONNX model of other inputs": (
        ROWS,
        model([MATMUL], ["n", 5], ["n", 3], weights={"w": np.ones((5, 3), np.float32)}),
        "[n, 5]",
    ),
    "an ONNX model of other classes": (
        ROWS,
        model([MATMUL], ["n", 3], ["n", 5], weights={"w": np.ones((3, 5), np.float32)}),
        "[n, 5]",
    ),
    "an ONNX model with weights elsewhere": (ROWS, external(), "weights.bin"),
    "an ONNX model with operators of its own": (
        ROWS,
        model(
            [helper.make_node("Magic", ["x"], ["y"], domain="acme")], ["n", 3], ["n", 3], domains=("acme",)
        ),
        "acme",
    ),
    "an ONNX model of whole numbers": (
        ROWS,
        model([MATMUL], ["n", 3], ["n", 3], weights=SCALE, input_type=TensorProto.INT64),
        "int64",
    ),
    "an ONNX model with two inputs": (ROWS, two_inputs(), "2 inputs"),
    "an ONNX model from the future": (ROWS, too_new(), "99"),
    "an ONNX model that gives NaN": (
        ROWS,
        model([helper.make_node("Log", ["x"], ["y"])], ["n", 3], ["n", 3]),
        "NaN",
    ),
    "boxes of five numbers": (
        "detection",
        model(
            [helper.make_node("Expand", ["b", "s"], ["y"])],
            ["n", 3, 12, 12],
            [1, 1, 5],
            weights={"b": np.ones((1, 1, 5), np.float32), "s": np.array([1, 1, 5])},
        ),
        "boxes, 6",
    ),
    # scikit-learn.
    "a pickle that was cut off": (ROWS, pickle.dumps(FITTED)[:-30], "could not be read|failed"),
    "a pickle of no model": (ROWS, pickle.dumps({"a": 1}), "dict"),
    "a pickle that raises": (ROWS, pickled("raise RuntimeError('boo')"), "boo"),
    "a skops file with code of its own": (
        ROWS,
        skops.io.dumps(FunctionTransformer(np.linalg.norm)),
        "types",
    ),
    "a classifier of other labels": (
        ROWS,
        skops.io.dumps(LogisticRegression().fit(np.eye(3), ["ant", "bee", "cow"])),
        "ant",
    ),
    "a model of other features": (
        "regression",
        skops.io.dumps(LinearRegression().fit(np.eye(5), np.arange(5))),
        "5 features",
    ),
    # torch.
    "weights without code": (ROWS, saved({"w": torch.zeros(2)}), "weights"),
    "a program of another shape": (ROWS, scripted(torch.nn.Linear(3, 5), torch.zeros(1, 3)), "5"),
    "safetensors without an architecture": (
        ROWS,
        safetensors_bytes({"w": torch.zeros(2)}),
        "architecture",
    ),
    "an architecture that is unknown": (
        ROWS,
        safetensors_bytes({"w": torch.zeros(2)}, {"architecture": "resnet-7", "classes": "3"}),
        "resnet-7",
    ),
    # Code.
    "code that does not parse": (ROWS, zipped(model_py="def predict(batch:\n"), "line 1"),
    "code without predict": (ROWS, zipped(model_py="def load(folder):\n    pass\n"), "predict"),
    "code that imports what is not there": (
        ROWS,
        code("return batch", head="import tensorflow"),
        "tensorflow",
    ),
    "code that raises while it loads": (
        ROWS,
        code("return batch", load="raise OSError('no weights')"),
        "no weights",
    ),
    "code that raises while it predicts": (ROWS, code("return batch[:, 99]"), "99"),
    "code that answers another shape": (ROWS, code("return batch[:, :2]"), "2]"),
    "code that answers nothing": (ROWS, code("pass"), "None"),
    "code with a path that climbs": (ROWS, climbing(), "outside.py"),
    # Data.
    "changes to an example that is unknown": (
        "noisy labels",
        b"id,action,label\ntrain-99999,drop,\n",
        "train-99999",
    ),
    "an action that is unknown": ("noisy labels", edit(f"{TRAIN[0]},fix,low"), "fix"),
    "a change without a label": (
        "noisy labels",
        edit(f"{TRAIN[0]},relabel,"),
        "label",
    ),
    "a new label that is unknown": (
        "noisy labels",
        edit(f"{TRAIN[0]},relabel,mid"),
        "mid",
    ),
    "more changes than allowed": (
        "noisy labels",
        "\n".join(["id,action,label", *(f"{name},drop," for name in TRAIN[:31])]).encode(),
        "30",
    ),
    "an example that is changed twice": (
        "noisy labels",
        f"id,action,label\n{TRAIN[0]},drop,\n{TRAIN[0]},drop,\n".encode(),
        TRAIN[0],
    ),
    "a model where data is asked for": ("noisy labels", identity().SerializeToString(), "does not take"),
    "data where a model is asked for": (ROWS, b"id,action,label\na,drop,\n", "does not take"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each bundle is written once, and its data built once."""
    return tmp_path_factory.mktemp("bad-input")


@pytest.fixture
def refuse(pool: Pool, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run the command; the one message with which it must end."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))

    def refused(*arguments: str) -> str:
        done = CliRunner().invoke(app, list(arguments), obj=pool.run)
        assert isinstance(done.exception, SystemExit), done.exception
        assert done.exit_code == 2, done.output
        assert done.stdout == ""
        return done.stderr

    return refused


def bundle_of(name: str, folder: Path) -> Path:
    place = folder / name.replace(" ", "-")
    return place if place.exists() else bundles.write(name, place)


@pytest.mark.parametrize("case", CASES)
def test_a_file_that_cannot_be_scored_is_explained(
    case: str, refuse: Callable[..., str], folder: Path
) -> None:
    name, content, words = CASES[case]
    (folder / "file").write_bytes(content)
    message = refuse(str(folder / "file"), "--challenge", str(bundle_of(name, folder)))
    assert any(word in message for word in words.split("|")), message
    assert [message.count(f"\n  {part}:") for part in ("found", "expected", "fix")] == [1, 1, 1], message


def test_the_ids_of_this_table_are_those_of_the_data(folder: Path, refuse: Callable[..., str]) -> None:
    given = given_folder(bundle_of("noisy labels", folder), folder / "cache" / "heldout" / "given")
    ids: dict[str, Ids] = {split: read_split(given, split).ids for split in ("validation", "train")}
    assert ids["validation"].tolist() == VALIDATION
    assert ids["train"].tolist() == TRAIN


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("no file", "does not exist"),
        ("a folder", "is a folder"),
        ("no challenge", "a bundle's folder"),
        ("an empty challenge", "challenge.toml"),
        ("a broken manifest", "valid TOML"),
        ("a hidden split", "train or validation"),
    ],
)
def test_what_is_named_wrongly_is_told(
    change: str, words: str, refuse: Callable[..., str], folder: Path, tmp_path: Path
) -> None:
    model, challenge, split = folder / "fine.csv", bundle_of(ROWS, folder), "validation"
    model.write_bytes(csv("id,label"))
    if change in ("no file", "a folder"):
        model = tmp_path / "nothing" if change == "no file" else tmp_path
    elif change == "a hidden split":
        split = "private"
    else:
        challenge = tmp_path / "bundle"
        if change != "no challenge":
            challenge.mkdir()
        if change == "a broken manifest":
            (challenge / "challenge.toml").write_text("slug = ")
    assert words in refuse(str(model), "--challenge", str(challenge), "--split", split)
