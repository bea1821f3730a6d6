"""Blobs and hidden sets by their SHA-256, and the hidden sets that were read last.

A file lies at `ab/` followed by its whole digest. Whatever is fetched is verified against its
name: a file that was damaged or exchanged is an error, never a score.
"""

import hashlib
import os
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

from challenges.manifest import Split
from challenges.splits import LabelledSplit, read_split
from scoring.bucket import Bucket, ObjectMissing
from scoring.copies import Copies, CopyDamaged

SCORED_SPLITS: tuple[Split, ...] = ("validation", "public", "private")
MOST_KEPT_BYTES = 2**30
MEMO_FROM_BYTES = 8 * 2**20
_SETTLED_NS = 2 * 10**9
"""A file that changed more lately might change again without another time being written down."""
_CHUNK = 1 << 20

Splits = Mapping[Split, LabelledSplit]
Key = tuple[Path, str, tuple[Split, ...]]


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


def _marks(file: Path) -> tuple[int, ...]:
    """What changes when a file is exchanged or written to."""
    found = file.stat()
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _is_settled(file: Path) -> bool:
    found = file.stat()
    return time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) > _SETTLED_NS


class Blobs(Protocol):
    """Where a worker has its files from, and leaves those that it makes."""

    def fetch(self, digest: str) -> Path:
        """Path of a blob whose content was verified. Raises BlobMissing or BlobDamaged."""

    def put(self, file: Path) -> str:
        """Copy a file into the store and give its digest."""


class Store:
    """A folder of blobs. `private` folders are made for their owner alone.

    A large blob is read through to be verified once, and again when the file system says that it is another
    file or was changed: its number, size and times are remembered with its digest.
    """

    def __init__(self, folder: Path, private: bool = False) -> None:
        self.folder = folder
        self._verified: dict[str, tuple[int, ...]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        if private:
            folder.chmod(0o700)

    def path(self, digest: str) -> Path:
        """Where a blob of this digest lies, or would lie."""
        return self.folder / digest[:2] / digest

    def fetch(self, digest: str) -> Path:
        """Path of a blob whose content was verified. Raises BlobMissing or BlobDamaged."""
        path = self.path(digest)
        if not path.is_file():
            raise BlobMissing(f"no blob {digest} below {self.folder}")
        seen = _marks(path)
        if self._verified.get(digest) == seen:
            return path
        if digest_of(path) != digest:
            raise BlobDamaged(f"the blob {path} does not have its digest any more")
        if path.stat().st_size >= MEMO_FROM_BYTES and _is_settled(path):
            self._verified[digest] = seen
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


class RemoteStore:
    """Blobs of a bucket, each copied to this machine's disk before it is used. Raises as `Store` does.

    A copy is verified when it is made, and again as a folder's blobs are when it is fetched.
    """

    def __init__(self, copies: Copies) -> None:
        self.copies = copies
        self._folder = Store(copies.folder)

    def fetch(self, digest: str) -> Path:
        """Path of a verified copy. One that was damaged on this disk is made anew."""
        try:
            self.copies.fetch(digest)
            return self._folder.fetch(digest)
        except ObjectMissing as error:
            raise BlobMissing(f"no blob {digest} in {self.copies.bucket}") from error
        except CopyDamaged as error:
            raise BlobDamaged(str(error)) from error
        except BlobDamaged:
            self.copies.forget(digest)
            self.copies.fetch(digest)
            return self._folder.fetch(digest)

    def put(self, file: Path) -> str:
        """Write a file into the bucket, unless it is there, and give its digest."""
        digest, bucket = digest_of(file), self.copies.bucket
        found = bucket.found(Bucket.key_of(digest))
        if found is None or found.size != file.stat().st_size:
            with file.open("rb") as content:
                bucket.put(Bucket.key_of(digest), content)
        return digest


def blobs_of(folder: Path, bucket: Bucket | None, most_bytes: int) -> Blobs:
    """A worker's blobs: those of the bucket, with copies in `folder`, or else those of the folder."""
    return RemoteStore(Copies(bucket, folder, most_bytes)) if bucket else Store(folder)


class Kept:
    """What was read of hidden sets: the latest used, as long as all together have at most so many bytes.

    Safe to use from several threads; what several ask for at once is read once. What is larger than the
    bound by itself is read again each time. There is no copy on disk, since hidden sets lie in a folder that
    is shared, or mounted, and its pages are cached by the kernel.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._lock = threading.Lock()
        self._values: OrderedDict[Key, Splits] = OrderedDict()
        self._coming: dict[Key, Future[Splits]] = {}

    @property
    def size(self) -> int:
        """Bytes that are kept now."""
        with self._lock:
            return sum(map(_size, self._values.values()))

    def get(self, key: Key, read: Callable[[], Splits]) -> Splits:
        """What is kept by `key`, read first if need be. Raises what `read` raises, which is not kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            coming, first = self._coming.get(key), key not in self._coming
            if coming is None:
                coming = self._coming[key] = Future()
        if not first:
            return coming.result()
        try:
            found = read()
        except BaseException as error:
            self._arrived(key, None)
            coming.set_exception(error)
            raise
        self._arrived(key, found)
        coming.set_result(found)
        return found

    def _arrived(self, key: Key, found: Splits | None) -> None:
        with self._lock:
            del self._coming[key]
            if found is None or _size(found) > self.most_bytes:
                return
            self._values[key] = found
            total = sum(map(_size, self._values.values()))
            while total > self.most_bytes:
                _, dropped = self._values.popitem(last=False)
                total -= _size(dropped)


def _size(splits: Splits) -> int:
    return sum(part.nbytes for split in splits.values() for part in split)


_kept = Kept(MOST_KEPT_BYTES)


def _read(store: Store, digest: str, splits: tuple[Split, ...]) -> Splits:
    def read() -> Splits:
        path = store.fetch(digest)
        return {split: read_split(path, split) for split in splits}

    return _kept.get((store.folder, digest, splits), read)


def train_split(store: Store, digest: str) -> LabelledSplit:
    """What a data challenge trains on; its hidden set holds it. Raises KeyError where it holds none."""
    return _read(store, digest, ("train",))["train"]


def hidden_set(store: Store, digest: str) -> Splits:
    """The splits of a hidden set, which stay in memory for a while, since many attempts use the same."""
    return _read(store, digest, SCORED_SPLITS)
