"""An archive that can be trusted: a tar whose last member says what the others are, by their SHA-256.

It is read through and compared before anything of it is used.
"""

import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from heldout.events.rules import Refusal

CONTENTS = "contents.json"
FORMAT = 1
PIECE = 1 << 20


class Writer:
    """Adds members, and remembers their digests."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.digests: dict[str, str] = {}

    def add_text(self, name: str, pieces: Iterable[str]) -> None:
        """Add a member of text. It lies on the disk meanwhile, since a tar must know lengths before."""
        with tempfile.TemporaryFile() as file:
            for piece in pieces:
                file.write(piece.encode())
            size = file.tell()
            file.seek(0)
            self.add_file(name, file, size)

    def add_file(self, name: str, file: IO[bytes], size: int) -> str:
        """Add the rest of a file, which is `size` bytes; gives its digest."""
        reader = Hashing(file)
        self._tar.addfile(_member(name, size), reader)
        self.digests[name] = reader.digest.hexdigest()
        return self.digests[name]

    def close(self, facts: dict[str, Any]) -> None:
        """Write down what there is."""
        told = json.dumps({"format": FORMAT, **facts, "digests": self.digests}, indent=1).encode()
        self._tar.addfile(_member(CONTENTS, len(told)), io.BytesIO(told))


class Hashing(io.RawIOBase):
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """The next piece."""
        piece = self._file.read(size)
        self.digest.update(piece)
        return piece


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


@contextmanager
def written(target: Path) -> Iterator[Writer]:
    """A new archive, for its owner alone, there once it is whole. Refusal if there is a file already."""
    if target.exists():
        raise Refusal(f"{target} is there already.", "A backup overwrites nothing: name another file.")
    unfinished = target.with_name(f".{target.name}.unfinished")
    unfinished.touch(mode=0o600)
    try:
        with tarfile.open(unfinished, "w") as tar:
            yield Writer(tar)
        # Not `replace`: somebody may have made the file meanwhile.
        target.hardlink_to(unfinished)
    finally:
        unfinished.unlink(missing_ok=True)


def verified(source: Path) -> dict[str, Any]:
    """What an archive says of itself, each of its members compared with it. Refusal if it is not so."""
    try:
        found, contents = _read_through(source)
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise Refusal(f"{source} cannot be read: {error}.", "Take another backup.") from error
    if contents.get("format") != FORMAT:
        raise Refusal(
            f"{source} has the format {contents.get('format')}; expected {FORMAT}.",
            "Restore it with the version of Heldout that made it.",
        )
    told: dict[str, str] = contents["digests"]
    wrong = sorted(name for name in {*found, *told} if found.get(name) != told.get(name))
    if wrong:
        raise Refusal(f"{source} is damaged: {wrong[0]} is not what was put in.", "Take another backup.")
    return contents


def _read_through(source: Path) -> tuple[dict[str, str], dict[str, Any]]:
    found: dict[str, str] = {}
    contents: dict[str, Any] = {}
    for name, file in members(source):
        if name == CONTENTS:
            contents = json.load(file)
            continue
        reader = Hashing(file)
        while reader.read(PIECE):
            pass
        found[name] = reader.digest.hexdigest()
    if not contents:
        raise ValueError("it has no list of its contents; it was not finished, or is no backup")
    return found, contents


def members(source: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """The members of an archive in their order, each open for reading until the next is asked for."""
    with tarfile.open(source, "r:") as tar:
        for member in tar:
            file = tar.extractfile(member)
            if file is None:
                raise ValueError(f"{member.name} is no plain file")
            with file:
                yield member.name, file
