"""A short look at a file, by which its format is told: its first and its last bytes, nothing unpacked."""

from pathlib import Path
from typing import NamedTuple

HEAD_BYTES = 4096
TAIL_BYTES = 65536
ZIP = b"PK\x03\x04"


class Peek(NamedTuple):
    """The ends of a file. The directory of a zip is at its end, with the names in it in plain bytes."""

    head: bytes
    tail: bytes

    @property
    def is_zip(self) -> bool:
        """Whether the file begins as a zip."""
        return self.head.startswith(ZIP)

    def names(self, *wanted: bytes) -> bool:
        """Whether the file is a zip whose ends mention one of these names. A box tells what is true of it."""
        return self.is_zip and any(name in self.head or name in self.tail for name in wanted)


def peek(artefact: Path) -> Peek:
    """Look at a file."""
    with artefact.open("rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(max(0, artefact.stat().st_size - TAIL_BYTES))
        return Peek(head, file.read(TAIL_BYTES))


def of_bytes(content: bytes) -> Peek:
    """The same look at what is already in memory."""
    return Peek(content[:HEAD_BYTES], content[-TAIL_BYTES:])
