"""Attacks by files of PyTorch: pickles in archives, programs that reach for files, weights that lie."""

import io
import json
import struct
import zipfile
from collections.abc import Callable

import pytest
import torch

from challenges.manifest import Limits
from scoring.job import Passport, VerdictCode
from tests.attacks.attempts import script
from tests.attacks.conftest import CANARY
from tests.scoring.fixtures import Inspect, Score
from tests.scoring.models import image_splits, image_task, pickled

PATIENT = Limits(wall_seconds=60, memory_mb=900)
SPAWN = script("attempt('program', lambda: call(59, b'/bin/sh', 0, 0))")


class Endless(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.mean(dim=(2, 3))
        while bool(y.abs().sum() >= 0):
            y = y * 0.5
        return y


class Hungry(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        filled = torch.ones([1 << 30])
        return x.mean(dim=(2, 3)) + filled[0]


class Reader(torch.nn.Module):
    """TorchScript can map a file of the machine as a tensor."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        read = torch.from_file("/etc/passwd", size=100, dtype=torch.uint8)
        return x.mean(dim=(2, 3)) + read.sum()


def program(model: torch.nn.Module) -> bytes:
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(model.eval()), buffer)
    return buffer.getvalue()


def with_entry(content: bytes, ending: str, replaced: bytes) -> bytes:
    """The archive with another content for the entry of that name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        assert any(name.endswith(ending) for name in old.namelist())
        for name in old.namelist():
            new.writestr(name, replaced if name.endswith(ending) else old.read(name))
    return buffer.getvalue()


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(f"model/{name}", content)
    return buffer.getvalue()


def saved(value: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def weights(header: dict[str, object], data: bytes = b"", length: int | None = None) -> bytes:
    """A file of safetensors, or what looks like one."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(shape: list[int], offsets: list[int]) -> dict[str, object]:
    return {"dtype": "F32", "shape": shape, "data_offsets": offsets}


RESNET = {"architecture": "resnet-18", "classes": "3", "size": "8"}

REFUSED: list[tuple[str, Callable[[], bytes], set[VerdictCode]]] = [
    ("a pickle for its constants", lambda: with_entry(program(Hungry()), "constants.pkl", pickled(SPAWN)),
     {"unreadable"}),
    ("a pickle for its data", lambda: with_entry(program(Hungry()), "/data.pkl", pickled(SPAWN)),
     {"unreadable"}),
    ("code that does not parse", lambda: with_entry(program(Hungry()), ".py", b"import os\nos.system('x')"),
     {"unreadable"}),
    ("weights that torch.save has pickled", lambda: saved({"w": torch.zeros(2)}), {"unknown_format"}),
    ("a pickle in an exported program", lambda: archive({
        "archive_format": b"pt2", "models/model.json": b"{}", "version": b"0", "byteorder": b"little",
        "data/sample_inputs/model.pt": pickled(SPAWN), "data/weights/model.pt": pickled(SPAWN)}),
     {"unreadable", "crashed"}),
    ("code that unpacks to a hundred megabytes", lambda: archive({
        "constants.pkl": b"", "code/x.py": bytes(2**27), "data.pkl": b""}), {"unsafe_file"}),
    ("weights whose header is longer than the file", lambda: weights({}, length=2**40),
     {"unknown_format", "unreadable"}),
    ("weights beyond the end of the file", lambda: weights(
        {"__metadata__": RESNET, "conv1.weight": tensor([2**40, 2**20], [0, 2**62])}), {"unreadable"}),
    ("weights that overlap", lambda: weights(
        {"__metadata__": RESNET, "a": tensor([2], [0, 8]), "b": tensor([2], [4, 12])}, bytes(12)),
     {"unreadable"}),
    ("a network by the path of a file", lambda: weights(
        {"__metadata__": RESNET | {"architecture": "../../etc/passwd"}, "a": tensor([1], [0, 4])}, bytes(4)),
     {"unreadable"}),
    ("a network of a billion classes", lambda: weights(
        {"__metadata__": RESNET | {"classes": "9" * 10}, "a": tensor([1], [0, 4])}, bytes(4)),
     {"unreadable"}),
]  # fmt: skip


def inspected(inspect: Inspect, content: bytes) -> Passport:
    return inspect(content, image_task(), limits=PATIENT, formats=("torch",))


@pytest.mark.parametrize(("made", "codes"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_a_hostile_file_of_torch_is_refused(
    inspect: Inspect, made: Callable[[], bytes], codes: set[VerdictCode]
) -> None:
    passport = inspected(inspect, made())
    assert passport.verdict is not None
    assert passport.verdict.code in codes, passport.verdict
    assert "program=" not in passport.model_dump_json()
    assert CANARY not in passport.model_dump_json()


RUN: list[tuple[str, Callable[[], bytes], Limits, VerdictCode]] = [
    ("a program without end", lambda: program(Endless()), Limits(wall_seconds=8, memory_mb=900), "timeout"),
    ("a program that takes all memory", lambda: program(Hungry()), PATIENT, "out_of_memory"),
    ("a program that maps a file of ours", lambda: program(Reader()), PATIENT, "wrong_input"),
]


@pytest.mark.parametrize(("made", "limits", "code"), [c[1:] for c in RUN], ids=[c[0] for c in RUN])
def test_a_hostile_program_of_torch_gets_its_verdict(
    score: Score, made: Callable[[], bytes], limits: Limits, code: VerdictCode
) -> None:
    evaluation = score(made(), image_task(), image_splits(), limits)
    assert evaluation.scores == []
    assert evaluation.verdict is not None
    assert evaluation.verdict.code == code, evaluation.verdict
