"""What the site asks of a store of files: a folder fulfils it, and a bucket."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol

INCOMING = "incoming"
Mark = dict[str, Any]
"""What another process needs to go on with a file that is being written, as JSON."""


@dataclass(frozen=True, order=True)
class Stored:
    """A blob that is in a store."""

    digest: str
    size: int
    modified: datetime
    place: str
    """Where it is, for people."""

    def __str__(self) -> str:
        return self.place


class Unfinished(Protocol):
    """A file that is being written. It is no blob before it is kept."""

    def write(self, piece: bytes) -> None:
        """Add a piece."""

    def pause(self) -> Mark:
        """Make sure of what was written, and say what is needed to go on after it."""

    def finish(self) -> None:
        """Nothing more comes."""

    def reading(self) -> AbstractContextManager[IO[bytes]]:
        """The content, once it is finished."""

    def keep(self, digest: str) -> None:
        """Put a finished file in its place. A second copy replaces the first."""

    def close(self) -> None:
        """Let go of what this process holds; what was paused can be resumed."""

    def discard(self) -> None:
        """Remove it, unless it was kept."""


class SiteStore(Protocol):
    """Blobs by their SHA-256."""

    def path(self, digest: str) -> Path:
        """A file of this machine with the blob's content; a path where nothing is, if there is no blob."""

    def found(self, digest: str) -> Stored | None:
        """What is known of a blob; None where there is none."""

    def reading(self, digest: str) -> AbstractContextManager[IO[bytes]]:
        """A blob's content, read piece by piece and never as a whole. Raises OSError without it."""

    def files(self) -> Iterator[Stored]:
        """All blobs by their digests; what is being written is none of them."""

    def delete(self, digest: str) -> None:
        """Delete a blob; it is no error if there is none."""

    def scratch(self) -> Path:
        """The folder for files that are written here before they are kept."""

    def keep(self, file: Path, digest: str) -> None:
        """Take a complete file of known digest, which is gone from its place afterwards."""

    def begin(self) -> Unfinished:
        """Begin a file whose digest is not known yet."""

    def resume(self, mark: Mark, size: int) -> Unfinished:
        """Go on with a paused file after its first `size` bytes; what is behind them is forgotten."""

    def remove_abandoned(self, before: datetime) -> int:
        """Remove unfinished files that were last written before that time. Gives their number."""

    def check(self) -> None:
        """Raise an error that says why, unless files can be put into the store."""
