"""What may be handed in, and how code becomes a file."""

import zipfile
from pathlib import Path

import pytest

from heldout_client.artefact import Unfit, ready

CODE = ["onnx", "code"]


def folder_of_code(name: str = "mine") -> Path:
    folder = Path(name)
    (folder / "parts" / "__pycache__").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / "model.py").write_text("def predict(batch): ...")
    (folder / "parts" / "layer.py").write_text("x = 1")
    (folder / "parts" / "__pycache__" / "layer.pyc").write_bytes(b"0")
    (folder / ".git" / "config").write_text("secret")
    (folder / "weights.npz").write_bytes(b"1" * 100)
    return folder


def test_a_file_is_handed_in_as_it_is() -> None:
    Path("model.onnx").write_bytes(b"weights")
    with ready(Path("model.onnx"), ["onnx"], 1) as file:
        assert file == Path("model.onnx")


def test_a_folder_of_code_becomes_a_zip_without_what_tools_leave() -> None:
    folder_of_code()
    with ready(Path("mine"), CODE, 1) as file:
        assert file.name == "mine.zip"
        assert zipfile.ZipFile(file).namelist() == ["model.py", "parts/layer.py", "weights.npz"]
    assert not file.exists()


def test_the_same_code_makes_the_same_file() -> None:
    folder_of_code()
    made = []
    for _ in range(2):
        with ready(Path("mine"), CODE, 1) as file:
            made.append(file.read_bytes())
        Path("mine/model.py").touch()
    assert made[0] == made[1]


def test_model_py_alone_is_code() -> None:
    folder_of_code()
    with ready(Path("mine/model.py"), CODE, 1) as file:
        assert zipfile.ZipFile(file).namelist() == ["model.py"]


@pytest.mark.parametrize(
    ("given", "formats", "words"),
    [
        ("model.onx", CODE, "model.onx does not exist. .* There is model.onnx."),
        ("empty.onnx", CODE, "is empty"),
        ("data", CODE, "data is a folder without `model.py`"),
        ("train.py", CODE, "train.py is a Python file"),
        ("mine", ["onnx", "sklearn"], "mine is code, and this challenge takes onnx, sklearn"),
        ("large.onnx", CODE, "large.onnx has 1.0 MB; this challenge takes up to 1 MB"),
        ("linked", CODE, "elsewhere is a link"),
    ],
)
def test_what_cannot_be_handed_in_says_what_to_do(given: str, formats: list[str], words: str) -> None:
    folder_of_code()
    Path("data").mkdir()
    folder_of_code("linked")
    Path("linked/elsewhere").symlink_to("/etc/hostname")
    for name, content in (
        ("model.onnx", b"w"),
        ("empty.onnx", b""),
        ("train.py", b"x"),
        ("large.onnx", b"w" * 2**20 + b"w"),
    ):
        Path(name).write_bytes(content)
    with pytest.raises(Unfit, match=words), ready(Path(given), formats, 1):
        pass


def test_where_the_formats_are_unknown_the_site_decides() -> None:
    folder_of_code()
    with ready(Path("mine"), [], None) as file:
        assert file.exists()
