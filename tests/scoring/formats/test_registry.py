"""What a file is, told by its content."""

import gzip
import io
import json
import pickle
import zlib

import joblib
import numpy as np
import pytest
import skops.io
import torch
from sklearn.tree import DecisionTreeClassifier

from challenges.manifest import Format
from scoring.formats import registry
from scoring.formats.peek import of_bytes
from scoring.verdicts import Rejected
from tests.scoring.models import brightness, identity

TREE = DecisionTreeClassifier().fit([[0.0], [1.0]], [0, 1])


def joblib_bytes(compress: int) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(TREE, buffer, compress=compress)
    return buffer.getvalue()


KNOWN: list[tuple[bytes, Format]] = [
    (identity().SerializeToString(), "onnx"),
    (brightness().SerializeToString(), "onnx"),
    (skops.io.dumps(TREE), "sklearn"),
    *((pickle.dumps(TREE, protocol=protocol), "sklearn") for protocol in (2, 3, 4, 5)),
    (joblib_bytes(0), "sklearn"),
    (joblib_bytes(3), "sklearn"),
    (b"id,label\na,tent\n", "predictions"),
    (b'\xef\xbb\xbf"ID","p_tent","p_boot"\r\n', "predictions"),
]


@pytest.mark.parametrize(("content", "format_"), KNOWN)
def test_a_format_is_told_by_its_content(content: bytes, format_: Format) -> None:
    assert registry.detect(of_bytes(content)) == format_


def numpy_bytes() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


FOREIGN = [
    (b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5"),
    (numpy_bytes(), "numpy"),
    ((16).to_bytes(8, "little") + json.dumps({"w": {"dtype": "F32"}}).encode(), "safetensors"),
    (gzip.compress(b"hello"), "gzip"),
    (b"<!doctype html><p>Log in", "web page"),
    (b"name,label\na,b\n", "do not know"),
    (bytes(range(256)), "do not know"),
    (zlib.compress(b"x")[1:], "do not know"),
    (b"", "do not know"),
]


@pytest.mark.parametrize(("content", "word"), FOREIGN)
def test_a_foreign_file_is_called_by_its_name(content: bytes, word: str) -> None:
    with pytest.raises(Rejected) as caught:
        registry.identify(of_bytes(content), ["onnx", "sklearn", "predictions"])
    assert caught.value.verdict.code == "unknown_format"
    assert word in caught.value.verdict.found


def test_a_format_that_the_challenge_does_not_take_is_refused() -> None:
    with pytest.raises(Rejected) as caught:
        registry.identify(of_bytes(b"id,label\n"), ["onnx"])
    verdict = caught.value.verdict
    assert verdict.code == "format_not_accepted"
    assert "predictions" in verdict.found
    assert "ONNX" in verdict.expected


def test_a_pytorch_file_is_not_called_a_scikit_learn_model() -> None:
    buffer = io.BytesIO()
    torch.save({"w": torch.zeros(3)}, buffer)
    with pytest.raises(Rejected) as caught:
        registry.identify(of_bytes(buffer.getvalue()), ["onnx"])
    verdict = caught.value.verdict
    assert verdict.code == "unknown_format"
    assert "PyTorch" in verdict.found
    assert "torch.onnx.export" in verdict.fix
