"""Bringing back what a backup holds, into a new site. Nothing that is there is ever overwritten."""

import io
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.db import transaction

from heldout import blobs
from heldout.events.rules import Refusal
from heldout.upkeep import archive, rows
from heldout.upkeep.backup import BLOB, files_of, stores


@dataclass(frozen=True)
class Restored:
    """What was brought back."""

    rows: int
    files: int
    left_out: int
    """Files of hidden sets, where no folder for them was given."""


def restore(source: Path, hidden: Path | None = None) -> Restored:
    """Bring everything back, or nothing. Raises Refusal if the archive or the site is not fit for it."""
    contents = archive.verified(source)
    _refuse_another_version(contents)
    folders = stores(hidden)
    _refuse_what_is_in_use(folders)
    written: list[Path] = []
    try:
        with transaction.atomic():
            return _bring_back(source, folders, written)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def _refuse_another_version(contents: dict[str, Any]) -> None:
    missing = sorted(set(contents["migrations"]) ^ set(rows.migrations()))
    if missing:
        raise Refusal(
            f"The backup is of another version: {contents['version']} with other tables ({missing[0]}).",
            "Install the version that made it, run its migrations, restore, and only then go on to this one.",
        )


def _refuse_what_is_in_use(folders: dict[str, Path]) -> None:
    table = rows.first_that_is_not_empty()
    if table:
        raise Refusal(
            f"The database is in use: {table} has rows.",
            "Name a new database by HELDOUT_DATABASE_URL and run the migrations; nothing is overwritten.",
        )
    for folder in folders.values():
        if next(files_of(folder), None) is not None:
            raise Refusal(f"{folder} has files.", "Name an empty folder; nothing is overwritten.")


def _bring_back(source: Path, folders: dict[str, Path], written: list[Path]) -> Restored:
    rows.clear_what_migrations_made()
    count = left_out = 0
    for name, file in archive.members(source):
        kind, _, rest = name.partition("/")
        if kind == "rows":
            count += rows.load(io.TextIOWrapper(file, "utf-8", newline="\n"))
        elif kind in folders and BLOB.fullmatch(rest):
            _put(file, folders[kind], rest, written)
        else:
            left_out += kind == "hidden"
    rows.reset_sequences()
    return Restored(rows=count, files=len(written), left_out=left_out)


def _put(file: IO[bytes], folder: Path, digest: str, written: list[Path]) -> None:
    """Put a file in its place, and note it. One whose content is not that of its name was damaged before."""
    target = folder / digest[:2] / digest
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{digest}.restoring")
    try:
        with unfinished.open("xb") as copy:
            shutil.copyfileobj(file, copy, archive.PIECE)
        if blobs.digest_of(unfinished) == digest:
            unfinished.chmod(0o644)
            unfinished.rename(target)
            written.append(target)
    finally:
        unfinished.unlink(missing_ok=True)
