"""The starter notebooks run from top to bottom and write a file that the challenge takes."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from challenges.build import build
from challenges.bundle import built_in, read
from challenges.manifest import Format
from scoring.formats.peek import peek
from scoring.formats.registry import identify
from tests.challenges.test_openhack_ml import resized

pytestmark = pytest.mark.usefixtures("prepared_data")

NAME = "starter/notebook.ipynb"
FOLDERS = [folder for folder in built_in() if (folder / NAME).is_file()]
SIZES = "sizes = { train = 200, validation = 60, public = 50, private = 50 }"


def opened(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_notebook_runs_and_writes_a_file_to_hand_in(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = resized(folder, tmp_path / "bundle", SIZES)
    secret = bytes(32) if read(folder).manifest.data.release_hidden_inputs else None
    given = build(copy, secret, tmp_path / "built").given
    monkeypatch.setenv("HELDOUT_DATA_FOLDER", str(given))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    desk = copy / "starter"
    before = set(desk.iterdir())
    notebook = opened(desk / "notebook.ipynb")
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(desk)}}).execute()
    written = [path for path in desk.iterdir() if path.is_file() and path not in before]
    accepted: list[Format] = read(folder).manifest.formats
    assert [identify(peek(path), accepted) in accepted for path in written] == [True]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_notebook_is_kept_without_outputs(folder: Path) -> None:
    notebook = opened(folder / NAME)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) >= 5
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
