"""Attacks by zip files that pose as skops."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import skops.io
from sklearn.linear_model import LogisticRegression

from tests.scoring.fixtures import Inspect, Score

HONEST = skops.io.dumps(LogisticRegression().fit(np.eye(3), range(3)))


def repacked(extra: dict[str, bytes], compress: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO(HONEST)
    with zipfile.ZipFile(buffer, "a", compress) as archive:
        for name, content in extra.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def with_schema(change: dict[str, object]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(HONEST)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "schema.json":
                content = json.dumps({**json.loads(content), **change}).encode()
            new.writestr(name, content)
    return buffer.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(inspect: Inspect, score: Score) -> None:
    bomb = repacked({"bomb": bytes(600 * 2**20)})
    assert len(bomb) < 2**20
    for verdict in (inspect(bomb).verdict, score(bomb).verdict):
        assert verdict is not None
        assert verdict.code == "unsafe_file"
        assert "unpacks to" in verdict.found


def test_a_zip_with_two_entries_of_one_name_is_refused(inspect: Inspect) -> None:
    verdict = inspect(repacked({"schema.json": b"{}"})).verdict
    assert verdict is not None
    assert verdict.code == "unsafe_file"
    assert "distinct" in verdict.found


def test_a_function_of_the_system_is_named_and_never_called(inspect: Inspect, score: Score) -> None:
    content = with_schema(
        {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode", "content": {}}
    )
    for verdict in (inspect(content).verdict, score(content).verdict):
        assert verdict is not None
        assert verdict.code in ("unsafe_file", "unreadable")


def test_names_that_climb_out_of_the_folder_are_never_written(score: Score, tmp_path: Path) -> None:
    target = tmp_path / "climbed"
    evaluation = score(repacked({f"../../../../../..{target}": b"x", str(target): b"x"}))
    assert evaluation.verdict is None
    assert not target.exists()
