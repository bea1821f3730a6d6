"""Files and numbers made of the bytes that a fuzzer gives."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of random name is made there


@contextmanager
def folder() -> Iterator[Path]:
    """An empty folder in memory, gone afterwards."""
    place = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place, prefix="heldout-fuzz-") as name:
        yield Path(name)


@contextmanager
def file(content: bytes) -> Iterator[Path]:
    """A file of this content."""
    with folder() as place:
        path = place / "file"
        path.write_bytes(content)
        yield path


def chosen(data: bytes, options: Sequence[T]) -> tuple[T, bytes]:
    """One of the options, by the first byte, and the bytes behind it."""
    return options[data[0] % len(options) if data else 0], data[1:]
