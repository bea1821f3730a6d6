"""The store as a folder: each file once, as `ab/<digest>`. Workers read the same folder."""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO

from heldout.stores.contract import INCOMING, Mark, Stored

BLOB = re.compile(r"[0-9a-f]{64}")
TOKEN = re.compile(r"[0-9a-f]{32}")


class FolderStore:
    """Blobs of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __str__(self) -> str:
        return str(self.folder)

    def path(self, digest: str) -> Path:
        """Where the blob is, or would be."""
        return self.folder / digest[:2] / digest

    def found(self, digest: str) -> Stored | None:
        """What is known of a blob; None where there is none."""
        return _stored(self.path(digest))

    def reading(self, digest: str) -> AbstractContextManager[IO[bytes]]:
        """A blob's content."""
        return self.path(digest).open("rb")

    def files(self) -> Iterator[Stored]:
        """All complete blobs, in order."""
        for path in sorted(self.folder.glob("??/*")):
            if BLOB.fullmatch(path.name) and (stored := _stored(path)):
                yield stored

    def delete(self, digest: str) -> None:
        """Delete a blob."""
        self.path(digest).unlink(missing_ok=True)

    def scratch(self) -> Path:
        """On the store's own disk, so that what is written there can be renamed."""
        folder = self.folder / INCOMING
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def keep(self, file: Path, digest: str) -> None:
        """Move a complete file to its place, in one step."""
        target = self.path(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        file.chmod(0o644)
        os.replace(file, target)

    def begin(self) -> "FolderFile":
        """Begin a file whose digest is not known yet."""
        path = self.scratch() / secrets.token_hex(16)
        return FolderFile(self, path, path.open("xb"))

    def resume(self, mark: Mark, size: int) -> "FolderFile":
        """Go on after the first `size` bytes. Raises FileNotFoundError if the file is gone."""
        if not TOKEN.fullmatch(mark["file"]):
            raise FileNotFoundError(f"{mark['file']!r} is no unfinished file")
        path = self.scratch() / mark["file"]
        if path.stat().st_size < size:
            raise FileNotFoundError(f"{path} has less than {size} bytes")
        stream = path.open("r+b")
        stream.truncate(size)
        stream.seek(size)
        return FolderFile(self, path, stream)

    def remove_abandoned(self, before: datetime) -> int:
        """Remove unfinished files that nobody writes any more."""
        old = [file for file in self.scratch().iterdir() if _last_written(file) < before.timestamp()]
        for file in old:
            file.unlink(missing_ok=True)
        return len(old)

    def check(self) -> None:
        """It is there, and may be written."""
        if not self.folder.is_dir() or not os.access(self.folder, os.W_OK | os.X_OK):
            raise OSError(f"{self.folder} is no folder that may be written")


class FolderFile:
    """A file that is being written on the store's disk."""

    def __init__(self, store: FolderStore, path: Path, stream: BinaryIO) -> None:
        self.store, self.path, self.stream = store, path, stream

    def write(self, piece: bytes) -> None:
        """Add a piece."""
        self.stream.write(piece)

    def pause(self) -> Mark:
        """Bring what was written to the disk."""
        self._sync()
        return {"file": self.path.name}

    def finish(self) -> None:
        """Nothing more comes."""
        self._sync()
        self.stream.close()

    def _sync(self) -> None:
        self.stream.flush()
        os.fsync(self.stream.fileno())

    def reading(self) -> AbstractContextManager[IO[bytes]]:
        """The content, once it is finished."""
        return self.path.open("rb")

    def keep(self, digest: str) -> None:
        """Put it in its place."""
        self.store.keep(self.path, digest)

    def close(self) -> None:
        """Close the file."""
        self.stream.close()

    def discard(self) -> None:
        """Remove it; what was kept has another name by now."""
        self.stream.close()
        self.path.unlink(missing_ok=True)


def _stored(path: Path) -> Stored | None:
    with suppress(FileNotFoundError):
        status = path.stat()
        return Stored(path.name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC), str(path))
    return None


def _last_written(file: Path) -> float:
    """When it was last written, in seconds of the epoch; never, if it was put in its place meanwhile."""
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
