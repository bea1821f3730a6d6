"""Bringing back what a backup holds, into a new site. Nothing that is there is ever overwritten."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.db import transaction

from heldout.blobs import Writing
from heldout.events.rules import Refusal
from heldout.stores.contract import SiteStore
from heldout.upkeep import archive, rows
from heldout.upkeep.backup import BLOB, stores

Written = tuple[SiteStore, str]
"""A store, and the digest of a file that was put into it."""


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
    places = stores(hidden)
    _refuse_what_is_in_use(places)
    written: list[Written] = []
    try:
        with transaction.atomic():
            return _bring_back(source, places, written)
    except BaseException:
        for store, digest in written:
            store.delete(digest)
        raise


def _refuse_another_version(contents: dict[str, Any]) -> None:
    missing = sorted(set(contents["migrations"]) ^ set(rows.migrations()))
    if missing:
        raise Refusal(
            f"The backup is of another version: {contents['version']} with other tables ({missing[0]}).",
            "Install the version that made it, run its migrations, restore, and only then go on to this one.",
        )


def _refuse_what_is_in_use(places: dict[str, SiteStore]) -> None:
    table = rows.first_that_is_not_empty()
    if table:
        raise Refusal(
            f"The database is in use: {table} has rows.",
            "Name a new database by HELDOUT_DATABASE_URL and run the migrations; nothing is overwritten.",
        )
    for store in places.values():
        if next(iter(store.files()), None) is not None:
            raise Refusal(f"{store} has files.", "Name an empty folder or bucket; nothing is overwritten.")


def _bring_back(source: Path, places: dict[str, SiteStore], written: list[Written]) -> Restored:
    rows.clear_what_migrations_made()
    count = left_out = 0
    for name, file in archive.members(source):
        kind, _, rest = name.partition("/")
        if kind == "rows":
            count += rows.load(io.TextIOWrapper(file, "utf-8", newline="\n"))
        elif kind in places and BLOB.fullmatch(rest):
            _put(file, places[kind], rest, written)
        else:
            left_out += kind == "hidden"
    rows.reset_sequences()
    return Restored(rows=count, files=len(written), left_out=left_out)


def _put(file: IO[bytes], store: SiteStore, digest: str, written: list[Written]) -> None:
    """Put a file in its place, and note it. One whose content is not that of its name was damaged before."""
    unfinished = Writing(store.begin(), 0, hashlib.sha256())
    kept = False
    try:
        while piece := file.read(archive.PIECE):
            unfinished.write(piece)
        if unfinished.finish() == digest:
            written.append((store, digest))
            unfinished.keep(digest)
            kept = True
    finally:
        if not kept:
            unfinished.discard()
