"""One archive with every row of the database and every file of the store, at one moment."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from heldout import blobs
from heldout.blobs import Stored
from heldout.stores.contract import SiteStore
from heldout.stores.folder import FolderStore
from heldout.upkeep import archive, rows

BLOB = re.compile(r"[0-9a-f]{64}")


@dataclass
class Backup:
    """What was put into an archive."""

    rows: int = 0
    files: int = 0
    damaged: list[Stored] = field(default_factory=list)
    """Files whose content is not that of their name any more. They will not be restored."""


def back_up(target: Path, hidden: Path | None = None) -> Backup:
    """Write everything into a new archive, with the workers' hidden sets where their folder is given.

    Rows are of one moment. Files are never changed, only added, so those that the rows speak of are there
    afterwards, and nobody who writes has to wait for them to be copied. Raises Refusal if the archive exists.
    """
    done, tables = Backup(), {}
    with archive.written(target) as writer:
        with one_moment():
            migrations = rows.migrations()
            for model in rows.tables():
                label = model._meta.label_lower
                counted = Counted(rows.lines(model))
                writer.add_text(f"rows/{label}.jsonl", counted)
                tables[label] = counted.count
        for name, store in stores(hidden).items():
            _add_store(writer, name, store, done)
        writer.close(
            {
                "made_at": timezone.now().isoformat(),
                "version": version("heldout"),
                "migrations": migrations,
                "tables": tables,
            }
        )
    done.rows = sum(tables.values())
    return done


class Counted:
    """Lines that are counted while they are read."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.count += 1
            yield line


@contextmanager
def one_moment() -> Iterator[None]:
    """Everything that is read within the block is as it was at one moment."""
    with transaction.atomic():
        if connection.vendor == "postgresql" and len(connection.savepoint_ids) == 0:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def stores(hidden: Path | None) -> dict[str, SiteStore]:
    """Where files are, by the names that these places have in an archive."""
    return {"blobs": blobs.store()} | ({"hidden": FolderStore(hidden)} if hidden else {})


def _add_store(writer: archive.Writer, name: str, store: SiteStore, done: Backup) -> None:
    for stored in store.files():
        with store.reading(stored.digest) as file:
            digest = writer.add_file(f"{name}/{stored.digest}", file, stored.size)
        if digest == stored.digest:
            done.files += 1
        else:
            done.damaged.append(stored)
