"""The filters of a box need nothing of the worker's disk."""

import tempfile
from pathlib import Path

import pytest

from scoring.sandbox import filters


def test_they_are_compiled_where_no_file_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker whose disk is full still starts boxes."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "of-no-use"))
    assert filters.stage_one.__wrapped__() == filters.stage_one()
    assert filters.stage_two.__wrapped__("onnx") == filters.stage_two("onnx")
