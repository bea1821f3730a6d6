"""Blobs and hidden sets by their SHA-256, and the hidden sets that were read last.

A file lies at `ab/` followed by its whole digest. Whatever is fetched is verified against its
name: a file that was damaged or exchanged is an error, never a score.
"""

import functools
import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from challenges.manifest import Split
from challenges.splits import LabelledSplit, read_split

SCORED_SPLITS: tuple[Split, ...] = ("validation", "public", "private")
_CHUNK = 1 << 20
_KEPT_IN_MEMORY = 4


class BlobMissing(Exception):
    """No blob of this digest lies in the store."""


class BlobDamaged(Exception):
    """The blob's content does not have the digest that it is stored by."""


def digest_of(file: Path) -> str:
    """SHA-256 of a file, lower-case hexadecimal; memory stays flat."""
    digest = hashlib.sha256()
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


class Store:
    """A folder of blobs. `private` folders are made for their owner alone."""

    def __init__(self, folder: Path, private: bool = False) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if private:
            folder.chmod(0o700)

    def path(self, digest: str) -> Path:
        """Where a blob of this digest lies, or would lie."""
        return self.folder / digest[:2] / digest

    def fetch(self, digest: str) -> Path:
        """Path of a blob whose content was verified just now. Raises BlobMissing or BlobDamaged."""
        path = self.path(digest)
        if not path.is_file():
            raise BlobMissing(f"no blob {digest} below {self.folder}")
        if digest_of(path) != digest:
            raise BlobDamaged(f"the blob {path} does not have its digest any more")
        return path

    def put(self, file: Path) -> str:
        """Copy a file into the store and give its digest. A half-written blob never appears, and a
        damaged one is replaced."""
        digest = digest_of(file)
        target = self.path(digest)
        if target.is_file() and digest_of(target) == digest:
            return digest
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".incoming-")
        try:
            with os.fdopen(handle, "wb") as copy, file.open("rb") as source:
                while chunk := source.read(_CHUNK):
                    copy.write(chunk)
                os.fchmod(copy.fileno(), 0o644)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink()
            raise
        return digest


@functools.lru_cache(maxsize=_KEPT_IN_MEMORY)
def _read_hidden(folder: Path, digest: str) -> Mapping[Split, LabelledSplit]:
    path = Store(folder, private=True).fetch(digest)
    return {split: read_split(path, split) for split in SCORED_SPLITS}


@functools.lru_cache(maxsize=1)
def _read_train(folder: Path, digest: str) -> LabelledSplit:
    return read_split(Store(folder, private=True).fetch(digest), "train")


def train_split(store: Store, digest: str) -> LabelledSplit:
    """What a data challenge trains on; its hidden set holds it. Raises KeyError where it holds none."""
    return _read_train(store.folder, digest)


def hidden_set(store: Store, digest: str) -> Mapping[Split, LabelledSplit]:
    """The splits of a hidden set; the last few stay in memory, since many attempts use the same."""
    return _read_hidden(store.folder, digest)
