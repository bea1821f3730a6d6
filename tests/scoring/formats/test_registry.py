"""What a file is, told by its content."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import tarfile
import zipfile
import zlib

import joblib
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import skops.io
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from challenges.manifest import Format
from scoring.formats import registry
from scoring.formats.peek import of_bytes
from scoring.verdicts import Rejected
from tests.scoring.models import brightness, identity

TREE = DecisionTreeClassifier().fit([[0.0], [1.0]], [0, 1])
FOREST = RandomForestClassifier(200, random_state=0).fit([[0.0], [1.0]], [0, 1])
ANY: list[Format] = ["onnx", "sklearn", "predictions"]


def joblib_bytes(compress: int) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(TREE, buffer, compress=compress)
    return buffer.getvalue()


def npy() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


def npz() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, ids=np.array(["a"]), predictions=np.zeros((1, 100_000)))
    return buffer.getvalue()


def parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"id": ["a"], "label": ["tent"]}), buffer)
    return buffer.getvalue()


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


def saved(*, old: bool) -> bytes:
    buffer = io.BytesIO()
    torch.save({"w": torch.zeros(3)}, buffer, _use_new_zipfile_serialization=not old)
    return buffer.getvalue()


def tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("model.py"))
    return buffer.getvalue()


KNOWN: list[tuple[bytes, Format]] = [
    (identity().SerializeToString(), "onnx"),
    (brightness().SerializeToString(), "onnx"),
    (skops.io.dumps(TREE), "sklearn"),
    (skops.io.dumps(FOREST), "sklearn"),
    *((pickle.dumps(TREE, protocol=protocol), "sklearn") for protocol in (2, 3, 4, 5)),
    (joblib_bytes(0), "sklearn"),
    (joblib_bytes(3), "sklearn"),
    (b"id,label\na,tent\n", "predictions"),
    (b'\xef\xbb\xbf"ID","p_tent","p_boot"\r\n', "predictions"),
    (b"id;label\r\na;tent\r\n", "predictions"),
    (b",id,label\n0,a,tent\n", "predictions"),
    (parquet(), "predictions"),
    (npy(), "predictions"),
    (npz(), "predictions"),
    (zipped("model.py", "weights.npy"), "code"),
    (zipped("mine/model.py"), "code"),
    (b"id,action,label\na,drop,\n", "dataset"),
    (b"id\na\nb\n", "dataset"),
]


@pytest.mark.parametrize(("content", "format_"), KNOWN)
def test_a_format_is_told_by_its_content(content: bytes, format_: Format) -> None:
    assert registry.detect(of_bytes(content)) == format_
    assert registry.identify(of_bytes(content), list(registry.FORMATS)) == format_


def test_every_format_has_a_name() -> None:
    assert set(registry.NAMES) == set(registry.FORMATS)
    assert set(registry.BOXES) < set(registry.FORMATS)


FOREIGN: list[tuple[bytes, str, str]] = [
    (b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5", "tf2onnx"),
    (b"\x1c\0\0\0TFL3" + bytes(100), "TensorFlow Lite", "tf2onnx"),
    (zipped("saved_model.pb", "variables/variables.index"), "SavedModel", "tf2onnx"),
    (zipped("metadata.json", "config.json", "model.weights.h5"), "Keras", "tf2onnx"),
    (b"GGUF\3\0\0\0", "GGUF", "model.py"),
    (b'{"learner":{"attributes":{}', "XGBoost", "convert_xgboost"),
    (b"{L\0\0\0\0\0\0\0\x07learner{", "XGBoost", "convert_xgboost"),
    (b"tree\nversion=v4\nnum_class=3\n", "LightGBM", "convert_lightgbm"),
    (b"CBM1\0\0", "CatBoost", "save_model"),
    (b'<?xml version="1.0"?>\n<PMML version="4.4">', "PMML", "skops"),
    (zipped("Manifest.json", "Data/com.apple.CoreML/model.mlmodel"), "Core ML", "ONNX"),
    (gzip.compress(b"hello"), "gzip", "unpack"),
    (bz2.compress(b"hello"), "bzip2", "unpack"),
    (lzma.compress(b"hello"), "xz", "unpack"),
    (tar(), "tar", "unpack"),
    (b"7z\xbc\xaf\x27\x1c\0\4", "7z", "unpack"),
    (b"Rar!\x1a\x07\1\0", "rar", "unpack"),
    (zipped("xl/workbook.xml"), "Excel", "CSV"),
    (zipped("notes.txt", "run.py"), "notes.txt, run.py", "model.py"),
    (zipped("model.onnx"), "ONNX model in it", ".onnx file itself"),
    (b"\x89PNG\r\n\x1a\n", "PNG", "model itself"),
    (b"\xff\xd8\xff\xe0", "JPEG", "model itself"),
    (b"%PDF-1.7\n", "PDF", "model itself"),
    (b"<!doctype html><p>Log in", "web page", "download"),
    (json.dumps([{"image_id": 1, "bbox": [1, 2, 3, 4]}]).encode(), "COCO", "corners"),
    (b'{"accuracy": 1.0}', "JSON", "format"),
    (b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS", "git lfs pull"),
    (b"import numpy as np\n", "Python code", "model.py"),
    ("id,label\na,tent\n".encode("utf-16"), "UTF-16", "UTF-8"),
    (parquet()[:-10], "cut off", "again"),
    (b"name,label\na,b\n", "'name,label'", "header"),
    (b"a,tent\nb,boot\n", "'a,tent'", "header"),
    (bytes(range(256)), "do not know", "ONNX"),
    (zlib.compress(b"x")[1:], "do not know", "ONNX"),
    (b"", "empty", "again"),
]


@pytest.mark.parametrize(("content", "word", "advice"), FOREIGN, ids=[case[1] for case in FOREIGN])
def test_a_foreign_file_is_named_and_told_the_way(content: bytes, word: str, advice: str) -> None:
    with pytest.raises(Rejected) as caught:
        registry.identify(of_bytes(content), ANY)
    verdict = caught.value.verdict
    assert verdict.code == "unknown_format"
    assert word in verdict.found
    assert advice in verdict.fix
    assert "an ONNX model or a scikit-learn model or a file of predictions" in verdict.expected


def test_the_names_in_a_zip_cannot_write_to_a_terminal() -> None:
    with pytest.raises(Rejected) as caught:
        registry.identify(of_bytes(zipped("\x1b[2Jred.txt")), ANY)
    assert "\x1b" not in caught.value.verdict.found
    assert "\\x1b[2Jred.txt" in caught.value.verdict.found


def test_a_format_that_the_challenge_does_not_take_is_refused() -> None:
    with pytest.raises(Rejected) as caught:
        registry.identify(of_bytes(b"id,label\n"), ["onnx"])
    verdict = caught.value.verdict
    assert verdict.code == "format_not_accepted"
    assert "predictions" in verdict.found
    assert "ONNX" in verdict.expected


@pytest.mark.parametrize("old", [True, False], ids=["several pickles", "a zip"])
def test_a_pytorch_file_is_not_called_a_scikit_learn_model(*, old: bool) -> None:
    assert "sklearn" not in [registry.detect(of_bytes(saved(old=old)))]


def test_changes_to_data_are_no_predictions() -> None:
    with pytest.raises(Rejected) as caught:
        registry.identify(of_bytes(b"id,action,label\na,drop,\n"), ["predictions"])
    assert caught.value.verdict.code == "format_not_accepted"
