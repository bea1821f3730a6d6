"""The bundle that rehearsals of an event are played with, and the files that their crowd hands in."""

import subprocess
import sys
import zipfile
from pathlib import Path

from challenges import build, bundle

FOLDER = Path(bundle.__file__).parent / "rehearsal" / "two-winds"
SECRET = b"s" * 32


def test_the_bundle_is_in_order_and_not_among_those_that_are_offered() -> None:
    assert bundle.check(FOLDER) == []
    assert FOLDER not in bundle.built_in()


def test_files_of_every_sort_are_made_from_what_a_team_is_given(tmp_path: Path) -> None:
    built = build.build(FOLDER, SECRET, tmp_path / "built")
    with zipfile.ZipFile(built.given_zip) as given:
        given.extractall(tmp_path)
    command = [sys.executable, str(FOLDER / "make_files.py"), "--data", str(tmp_path / "given")]
    subprocess.run([*command, "--out", str(tmp_path / "files"), "--predictions", "3"], check=True)
    good = [file.name for file in (tmp_path / "files" / "good").iterdir()]
    assert {name.split("-")[0] for name in good} == {"predictions", "onnx", "sklearn", "code"}
    assert len([name for name in good if name.startswith("predictions")]) == 3
    assert len(list((tmp_path / "files" / "bad").iterdir())) == 12
    assert len(list((tmp_path / "files" / "hostile").iterdir())) == 12
