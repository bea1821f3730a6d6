"""No block is outside of the net: Python is run, the rest is read by what reads its language."""

import configparser
import contextlib
import json
import os
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from challenges.manifest import Manifest
from scoring.formats.peek import peek
from scoring.formats.registry import detect
from tests.docs.blocks import SHELLS, Block, blocks
from tests.test_layout import ROOT

BLOCKS = blocks()
PYTHON = [block for block in BLOCKS if block.language == "python"]
FORMATS = "docs/formats.md"
RUN_BY_ANOTHER_TEST = {"docs/client.md": ROOT / "tests/client/test_page.py"}
"""Pages whose Python needs a site that runs, and the test that runs it against one."""
SAMPLES = 40


def read_ini(text: str) -> None:
    parser = configparser.ConfigParser(strict=False)
    parser.read_string(text)
    assert parser.sections()


def read_toml(text: str) -> None:
    """A part of a manifest: its keys must be keys of one."""
    unknown = set(tomllib.loads(text)) - set(Manifest.model_fields) - TASK_KEYS
    assert unknown == set()


def task_keys() -> set[str]:
    task = Manifest.model_fields["task"].annotation
    assert task is not None
    return set(task.model_fields)


TASK_KEYS = task_keys()
READERS: dict[str, Callable[[str], Any]] = {
    "ini": read_ini,
    "json": json.loads,
    "text": str,
    "toml": read_toml,
    "yaml": yaml.safe_load,
}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block.name} {block.language}")
def test_each_block_says_its_language_and_is_sound(block: Block) -> None:
    if block.language in SHELLS or block.language == "python":
        assert block.text.strip(), "its own tests read it: an empty one would pass them"
        return
    assert block.language in READERS, "no reader for this language: tests/docs/test_blocks.py"
    READERS[block.language](block.text)


@contextlib.contextmanager
def working_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def surroundings() -> dict[str, Any]:
    """What the pages take for granted: a small trained model of each kind, and data."""
    from collections.abc import Mapping

    import joblib
    import numpy as np
    import skops.io
    import torch
    from lightgbm import LGBMClassifier
    from sklearn.linear_model import LogisticRegression
    from xgboost import XGBClassifier

    from challenges.splits import Examples

    rng = np.random.default_rng(3)
    rows, labels = rng.random((SAMPLES, 4)), rng.integers(0, 2, SAMPLES)
    boosted = XGBClassifier(n_estimators=3).fit(rows, labels)
    light = LGBMClassifier(n_estimators=3, verbose=-1).fit(rows, labels)
    network = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten(), torch.nn.Linear(12, 3))
    return {
        "Examples": Examples, "Mapping": Mapping, "Network": lambda folder: network, "X": rows,
        "joblib": joblib, "model": network,
        "pipeline": LogisticRegression().fit(rows, labels), "skops": skops,
        "torch": torch, "xgboost_model": boosted, "lightgbm_model": light,
    }  # fmt: skip


def run(page: str, folder: Path) -> None:
    """Run the page's blocks one after another, in a folder of their own."""
    names = surroundings()
    with working_in(folder):
        for block in (block for block in PYTHON if block.page == page):
            exec(compile("\n" * block.line + block.text, page, "exec"), names)  # noqa: S102 - our own pages


@pytest.mark.parametrize("page", sorted({block.page for block in PYTHON} - {FORMATS, *RUN_BY_ANOTHER_TEST}))
def test_python_runs_from_the_top_of_a_page_to_its_end(page: str, tmp_path: Path) -> None:
    run(page, tmp_path)


def test_what_the_page_on_formats_writes_is_told_as_what_it_says(tmp_path: Path) -> None:
    run(FORMATS, tmp_path)
    told = {path.name: detect(peek(path)) for path in tmp_path.iterdir()}
    assert told == {
        "model.onnx": "onnx", "model.pt": "torch", "model.pt2": "torch", "model.skops": "sklearn",
    }  # fmt: skip


def test_python_that_another_test_runs_is_run_there() -> None:
    elsewhere = {block.page for block in PYTHON} & set(RUN_BY_ANOTHER_TEST)
    assert [page for page in elsewhere if page not in RUN_BY_ANOTHER_TEST[page].read_text()] == []
