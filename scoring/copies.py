"""Copies of a bucket's blobs on this machine's disk, since a box and most libraries need a file.

The least used ones go when all together are larger than the bound.
"""

import contextlib
import hashlib
import os
import tempfile
import time
from pathlib import Path
from typing import IO

from scoring.bucket import Bucket, ObjectMissing

MOST_BYTES = 10 * 2**30
IN_USE_SECONDS = 600
"""A copy that was asked for so lately is never removed: somebody is about to open it."""
_CHUNK = 1 << 20


class CopyDamaged(Exception):
    """The bucket's object does not have the digest that it is named by."""


class Copies:
    """A folder of copies, laid out as a folder of blobs is. Several processes may share it."""

    def __init__(self, bucket: Bucket, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.bucket, self.folder, self.most_bytes = bucket, folder, most_bytes

    def path(self, digest: str) -> Path:
        """Where the copy is, or would be."""
        return self.folder / digest[:2] / digest

    def fetch(self, digest: str) -> Path:
        """A verified copy of the blob. Raises ObjectMissing or CopyDamaged."""
        target = self.path(digest)
        with contextlib.suppress(FileNotFoundError):
            # Not each time: who remembers that a file is unchanged goes by its times.
            if target.stat().st_mtime < time.time() - IN_USE_SECONDS / 2:
                os.utime(target)
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".copying-")
        try:
            with os.fdopen(handle, "wb") as copy, self.bucket.reading(Bucket.key_of(digest)) as source:
                found = copied(source, copy)
                os.fchmod(copy.fileno(), 0o644)
            if found != digest:
                raise CopyDamaged(f"the object {digest} in {self.bucket} does not have its digest any more")
            Path(name).replace(target)
        finally:
            Path(name).unlink(missing_ok=True)
        self._make_room()
        return target

    def path_or_nowhere(self, digest: str) -> Path:
        """The path of a copy, made if need be; where it would be, if the bucket has no such blob."""
        with contextlib.suppress(ObjectMissing):
            return self.fetch(digest)
        return self.path(digest)

    def forget(self, digest: str) -> None:
        """Remove the copy."""
        self.path(digest).unlink(missing_ok=True)

    def _make_room(self) -> None:
        """Remove what was used least of late until the rest fits."""
        kept = sorted(_used(self.folder), key=lambda one: one[0])
        total = sum(size for _, size, _ in kept)
        before = time.time() - IN_USE_SECONDS
        for used, size, path in kept:
            if total <= self.most_bytes or used > before:
                return
            path.unlink(missing_ok=True)
            total -= size


def copied(source: IO[bytes], target: IO[bytes]) -> str:
    """Copy piece by piece; gives the content's SHA-256."""
    digest = hashlib.sha256()
    while piece := source.read(_CHUNK):
        digest.update(piece)
        target.write(piece)
    return digest.hexdigest()


def _used(folder: Path) -> list[tuple[float, int, Path]]:
    """Each copy with the time of its last use and its size; what vanishes meanwhile is left out."""
    found: list[tuple[float, int, Path]] = []
    for path in folder.glob("??/*"):
        with contextlib.suppress(FileNotFoundError):
            status = path.stat()
            found.append((status.st_mtime, status.st_size, path))
    return found
