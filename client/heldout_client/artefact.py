"""The file to hand in: checked before anything is sent, and made where a folder of code was given."""

import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

from heldout_client.words import size

CODE, ENTRY = "code", "model.py"
LEFT_OUT = ("__pycache__", "node_modules", "venv")
MOMENT = (2020, 1, 1, 0, 0, 0)
"""The date of every file in a zip, so that the same code makes the same file."""


class Unfit(Exception):
    """What was given cannot be handed in; the text says what was found, what was expected and what to do."""


@contextmanager
def ready(given: Path, formats: Sequence[str], max_mb: int | None) -> Iterator[Path]:
    """The file to send for what was given. Raises Unfit.

    A folder with `model.py`, or that file alone, becomes a zip, which is removed afterwards. `formats` are
    those that the challenge takes, as far as they are known.
    """
    if given.is_file() and given.suffix != ".py":
        yield _small(_readable(given), max_mb)
        return
    folder, files = _code(given, formats)
    with tempfile.TemporaryDirectory(prefix="heldout-code-") as scratch:
        archive = Path(scratch, f"{folder.name or 'code'}.zip")
        _pack(folder, files, archive)
        yield _small(archive, max_mb)


def _readable(file: Path) -> Path:
    try:
        file.open("rb").close()
    except OSError as error:
        raise Unfit(f"{file} cannot be read: {error.strerror}. Expected a file that you may read.") from error
    if file.stat().st_size == 0:
        raise Unfit(f"{file} is empty. Save your model again and look at the file's size.")
    return file


def _small(file: Path, max_mb: int | None) -> Path:
    found = file.stat().st_size
    if max_mb is not None and found > max_mb * 2**20:
        raise Unfit(
            f"{file.name} has {size(found)}; this challenge takes up to {max_mb} MB. Save it with fewer or "
            "smaller weights and try again."
        )
    return file


def _code(given: Path, formats: Sequence[str]) -> tuple[Path, list[Path]]:
    """The folder of what was given, and its files to pack."""
    if given.is_dir():
        folder, files = given.resolve(), list(_files(given.resolve()))
        if folder / ENTRY not in files:
            raise Unfit(
                f"{given} is a folder without `{ENTRY}`. Expected one file, or for code a folder in which "
                f"`{ENTRY}` lies."
            )
    elif given.is_file():
        if given.name != ENTRY:
            raise Unfit(
                f"{given} is a Python file. Expected the model's file; or for code `{ENTRY}`, or a folder "
                f"with `{ENTRY}` and all that it needs. Rename it, or hand in its folder."
            )
        folder, files = given.resolve().parent, [given.resolve()]
    else:
        raise Unfit(f"{given} does not exist. Expected the file to hand in.{_alike(given)}")
    if formats and CODE not in formats:
        raise Unfit(f"{given} is code, and this challenge takes {', '.join(formats)}. Hand in such a file.")
    return folder, files


def _alike(given: Path) -> str:
    names = [path.name for path in given.parent.iterdir()] if given.parent.is_dir() else []
    close = get_close_matches(given.name, names, n=3)
    return f" There is {', '.join(close)}." if close else ""


def _files(folder: Path) -> Iterator[Path]:
    """Everything to pack, in order. Hidden files and what tools leave behind stay out."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in LEFT_OUT:
            continue
        if path.is_symlink():
            raise Unfit(f"{path} is a link; expected plain files. Copy what it leads to, or take it away.")
        if path.is_dir():
            yield from _files(path)
        elif path.suffix != ".pyc":
            yield path


def _pack(folder: Path, files: Sequence[Path], archive: Path) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with path.open("rb") as source, out.open(entry, "w", force_zip64=True) as target:
                while piece := source.read(2**20):
                    target.write(piece)
