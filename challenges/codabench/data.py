"""A task's data, where it is laid out so plainly that it can be read without running anything.

That is: one CSV of inputs and one CSV of answers with the same ids, the answers in a single column.
"""

import tempfile
import zipfile
from pathlib import Path

from challenges.archive import LARGEST_FILE, UNREADABLE_ZIP
from challenges.codabench.competition import Opened, Task, inside
from challenges.faults import BundleError
from challenges.importers.tables import Table, read_csv


class NotPlain(Exception):
    """Why a task's data cannot be read by itself."""


def joined(found: Opened, task: Task) -> tuple[Table, str, str]:
    """The task's inputs with their answers, the column of ids and that of answers. Raises NotPlain."""
    if task.key is not None:
        raise NotPlain("it lies in Codabench's database, under a key, and not in the bundle")
    if task.input_data is None or task.reference_data is None:
        raise NotPlain("there is no input_data beside the reference_data, so that answers have no questions")
    inputs = _only_table(found.folder, task.input_data)
    answers = _only_table(found.folder, task.reference_data)
    shared = [name for name in answers.columns if name in inputs.columns]
    others = [name for name in answers.columns if name not in inputs.columns]
    if len(shared) != 1 or len(others) != 1:
        words = f"columns {list(inputs.columns)} and {list(answers.columns)}"
        raise NotPlain(f"found {words}; expected an id in both, and one column of answers more")
    return _merged(inputs, answers, shared[0], others[0]), shared[0], others[0]


def _merged(inputs: Table, answers: Table, key: str, answer: str) -> Table:
    known = dict(zip(answers.columns[key], answers.columns[answer], strict=True))
    ids = inputs.columns[key]
    if len(known) != len(answers.columns[key]) or len(set(ids)) != len(ids) or set(known) != set(ids):
        raise NotPlain(f"the ids of {inputs.file} and {answers.file} are not the same, each once")
    columns = {**inputs.columns, answer: [known[name] for name in ids]}
    return Table(inputs.file, columns, inputs.rows)


def _only_table(folder: Path, name: str) -> Table:
    """The only file of a folder or a zip, which is a CSV with a header."""
    place = inside(folder, name)
    if place is None:
        raise NotPlain(f"{name} is not in the bundle")
    with tempfile.TemporaryDirectory(prefix="heldout-codabench-") as scratch:
        path = _only_file(place, name, Path(scratch))
        if path.suffix.lower() != ".csv":
            raise NotPlain(f"{name} holds {path.name}; expected a CSV with a header")
        try:
            return read_csv(path)
        except BundleError as error:
            raise NotPlain(f"{name}: {error.faults[0]}") from error


def _only_file(place: Path, name: str, scratch: Path) -> Path:
    if place.is_file() and place.suffix.lower() != ".zip":
        return place
    if place.is_dir():
        files = sorted(path for path in place.rglob("*") if path.is_file() and not path.name.startswith("."))
        if len(files) != 1:
            raise NotPlain(f"{name} holds {len(files)} files; expected one CSV")
        return files[0]
    try:
        with zipfile.ZipFile(place) as archive:
            return _unzipped(archive, name, scratch)
    except UNREADABLE_ZIP as error:
        raise NotPlain(f"{name} cannot be unpacked ({error})") from error


def _unzipped(archive: zipfile.ZipFile, name: str, scratch: Path) -> Path:
    entries = [
        entry for entry in archive.infolist() if not entry.is_dir() and "__MACOSX" not in entry.filename
    ]
    if len(entries) != 1:
        raise NotPlain(f"{name} holds {len(entries)} files; expected one CSV")
    if entries[0].file_size > LARGEST_FILE:
        raise NotPlain(f"{name} holds {entries[0].file_size:,} bytes; expected at most {LARGEST_FILE:,}")
    path = scratch / f"table{Path(entries[0].filename).suffix}"
    path.write_bytes(archive.read(entries[0]))
    return path
