"""The store as the site sees it: files, each once, under the SHA-256 of its content.

They lie in a folder that workers share (HELDOUT_BLOBS), or in a bucket (HELDOUT_STORE), of whose files copies
lie in that folder. Nobody else needs to know which.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from heldout.stores.bucket import BucketStore
from heldout.stores.contract import INCOMING, Mark, SiteStore, Stored, Unfinished
from heldout.stores.folder import FolderStore
from scoring.bucket import Bucket, address_of

__all__ = ["INCOMING", "Mark", "Stored", "Writing"]


def store() -> SiteStore:
    """The store that the settings name."""
    folder = Path(settings.BLOBS)
    address = address_of(settings.STORE)
    if address is None:
        return FolderStore(folder)
    return BucketStore(Bucket(address), folder, settings.COPIES_MB * 2**20)


def path(digest: str) -> Path:
    """A file with the blob's content to read; a path where nothing is, if there is no such blob."""
    return store().path(digest)


def exists(digest: str) -> bool:
    """Whether the store has the blob."""
    return store().found(digest) is not None


def reading(digest: str) -> AbstractContextManager[IO[bytes]]:
    """A blob's content, piece by piece. Raises OSError where there is no such blob."""
    return store().reading(digest)


def files() -> Iterator[Stored]:
    """All blobs, in order."""
    return store().files()


def new_incoming() -> Path:
    """A fresh name for a file that is being written on this machine, until it is kept."""
    return store().scratch() / secrets.token_hex(16)


def keep(file: Path, digest: str) -> None:
    """Move a complete file of known digest into the store, in one step. A second copy replaces the first."""
    store().keep(file, digest)


def digest_of(file: Path) -> str:
    """SHA-256 of a file, in lower-case hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def remove_abandoned(before: datetime) -> int:
    """Remove unfinished files that were last written before that time. Gives their number."""
    return store().remove_abandoned(before)


class Writing:
    """A file that is hashed while it is written into the store; it is no blob before it is kept."""

    def __init__(self, file: Unfinished, size: int = 0, sha256: Any = None) -> None:
        self.file, self.size = file, size
        self.sha256 = sha256
        """What has been hashed; None where another process wrote the beginning."""

    @classmethod
    def begin(cls) -> "Writing":
        """A new file."""
        return cls(store().begin(), 0, hashlib.sha256())

    @classmethod
    def resume(cls, mark: Mark, size: int, sha256: Any = None) -> "Writing":
        """A file that was paused after `size` bytes, with the hash of those, if it is known.

        Raises OSError if it is gone.
        """
        return cls(store().resume(mark, size), size, sha256)

    def write(self, piece: bytes) -> None:
        """Add a piece."""
        if self.sha256 is not None:
            self.sha256.update(piece)
        self.file.write(piece)
        self.size += len(piece)

    def pause(self) -> Mark:
        """Make sure of what was written; gives what is needed to go on."""
        return self.file.pause()

    def finish(self) -> str:
        """End it; gives its digest. It is read through once where its hash is not known."""
        self.file.finish()
        if self.sha256 is None:
            self.sha256 = hashlib.sha256()
            with self.file.reading() as content:
                while piece := content.read(1 << 20):
                    self.sha256.update(piece)
        return str(self.sha256.hexdigest())

    def keep(self, digest: str) -> None:
        """Put the finished file in its place."""
        self.file.keep(digest)

    def close(self) -> None:
        """Let go of it; what was paused can be resumed."""
        self.file.close()

    def discard(self) -> None:
        """Remove it, unless it was kept."""
        self.file.discard()
