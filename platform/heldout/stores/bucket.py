"""The store as a bucket of an S3-compatible server. What needs a file gets a copy on this machine's disk.

A file is written in parts, each of which lies on the disk until it is sent, so that memory stays flat however
many are written at once. Its key is its digest, which is known at the end: so it is written as
`incoming/<token>`, and given its key by the server. What is too short for a part when writing pauses is an
object of its own, `incoming/<token>.<offset>`.
"""

import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from heldout.stores.contract import INCOMING, Mark, Stored
from heldout.stores.folder import BLOB, FolderStore
from scoring.bucket import PART_BYTES, Bucket, Found, ObjectMissing
from scoring.copies import Copies

LOOK_SECONDS = 3600
"""How often abandoned files are looked for: each look is asked of the server."""
_looked: dict[str, float] = {}
_CHUNK = 1 << 20


class BucketStore:
    """Blobs of one bucket, with copies in a folder."""

    def __init__(self, bucket: Bucket, folder: Path, most_bytes: int) -> None:
        self.bucket, self.disk = bucket, FolderStore(folder)
        self.copies = Copies(bucket, folder, most_bytes)

    def __str__(self) -> str:
        return str(self.bucket)

    def path(self, digest: str) -> Path:
        """A copy of the blob, fetched if need be."""
        return self.copies.path_or_nowhere(digest)

    def found(self, digest: str) -> Stored | None:
        """What the server knows of a blob; None where there is none."""
        found = self.bucket.found(Bucket.key_of(digest))
        return self._stored(found) if found else None

    @contextmanager
    def reading(self, digest: str) -> Iterator[IO[bytes]]:
        """A blob's content, as it comes from the server."""
        try:
            with self.bucket.reading(Bucket.key_of(digest)) as content:
                yield content
        except ObjectMissing as error:
            raise FileNotFoundError(str(error)) from error

    def files(self) -> Iterator[Stored]:
        """All blobs, in order."""
        for found in self.bucket.objects():
            digest = found.key.rpartition("/")[2]
            if BLOB.fullmatch(digest) and found.key == Bucket.key_of(digest):
                yield self._stored(found)

    def _stored(self, found: Found) -> Stored:
        digest = found.key.rpartition("/")[2]
        return Stored(digest, found.size, found.modified, f"{self.bucket}/{found.key}")

    def delete(self, digest: str) -> None:
        """Delete a blob, and its copy on this machine."""
        self.bucket.delete(Bucket.key_of(digest))
        self.copies.forget(digest)

    def scratch(self) -> Path:
        """A folder on this machine's disk."""
        return self.disk.scratch()

    def keep(self, file: Path, digest: str) -> None:
        """Send a complete file. Its copy stays here, since whoever made it often reads it next."""
        with file.open("rb") as content:
            self.bucket.put(Bucket.key_of(digest), content)
        self.disk.keep(file, digest)

    def begin(self) -> "BucketFile":
        """Begin a file whose digest is not known yet. The server hears of it with the first part."""
        mark = {"file": secrets.token_hex(16), "upload": "", "parts": [], "tails": []}
        return BucketFile(self.bucket, self.scratch(), mark)

    def resume(self, mark: Mark, size: int) -> "BucketFile":
        """Go on after what was paused. Raises FileNotFoundError if its last bytes are gone."""
        file = BucketFile(self.bucket, self.scratch(), mark)
        try:
            file.take_tail(size)
        except ObjectMissing as error:
            file.close()
            raise FileNotFoundError(str(error)) from error
        return file

    def remove_abandoned(self, before: datetime) -> int:
        """Remove what nobody writes any more, here and on the server, which is asked once an hour."""
        gone = self.disk.remove_abandoned(before)
        if time.monotonic() - _looked.get(str(self), -LOOK_SECONDS) < LOOK_SECONDS:
            return gone
        _looked[str(self)] = time.monotonic()
        for key, upload, since in list(self.bucket.begun()):
            if since < before:
                self.bucket.abort(key, upload)
                gone += 1
        for found in list(self.bucket.objects(f"{INCOMING}/")):
            if found.modified < before:
                self.bucket.delete(found.key)
                gone += 1
        return gone

    def check(self) -> None:
        """The server answers, and has the bucket."""
        self.bucket.check()


class BucketFile:
    """A file that is written in parts. The last one, while it grows, lies on this machine's disk."""

    def __init__(self, bucket: Bucket, scratch: Path, mark: Mark) -> None:
        self.bucket, self.token = bucket, str(mark["file"])
        self.key = f"{INCOMING}/{self.token}"
        self.upload: str = mark["upload"]
        """The server's number for the parts; none before there is a first one."""
        self.tags: list[str] = list(mark["parts"])
        self.tails: list[str] = list(mark["tails"])
        self._part = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - `close` does
        self._completed = False

    def take_tail(self, size: int) -> None:
        """Take back what was too short for a part. Raises ObjectMissing."""
        if size > len(self.tags) * PART_BYTES:
            with self.bucket.reading(self.tails[-1]) as content:
                while piece := content.read(_CHUNK):
                    self._part.write(piece)

    def write(self, piece: bytes) -> None:
        """Add a piece; what fills a part is sent."""
        view = memoryview(piece)
        while view:
            room = PART_BYTES - self._part.tell()
            self._part.write(view[:room])
            view = view[room:]
            if self._part.tell() == PART_BYTES:
                self._send()

    def _send(self) -> None:
        self.upload = self.upload or self.bucket.begin(self.key)
        self._part.seek(0)
        self.tags.append(self.bucket.add(self.key, self.upload, len(self.tags) + 1, self._part))
        self._part.seek(0)
        self._part.truncate()

    def pause(self) -> Mark:
        """Leave what is too short for a part on the server as well. The tail that was there before stays,
        until it is certain that the new one is known."""
        if tail := self._part.tell():
            new = f"{self.key}.{len(self.tags) * PART_BYTES + tail}"
            self._part.seek(0)
            self.bucket.put(new, self._part)
            self._part.seek(tail)
            self._remove_tails(self.tails[:-1])
            self.tails = [*self.tails[-1:], new]
        return {"file": self.token, "upload": self.upload, "parts": [*self.tags], "tails": self.tails}

    def finish(self) -> None:
        """Send the last part, and let the server make one object of all. A short file has no parts: it waits
        here to be put in its place."""
        if not self.upload:
            return
        if self._part.tell():
            self._send()
        self.bucket.complete(self.key, self.upload, self.tags)
        self._completed = True

    @contextmanager
    def reading(self) -> Iterator[IO[bytes]]:
        """The content, as it comes from the server."""
        if self._completed:
            with self.bucket.reading(self.key) as content:
                yield content
        else:
            self._part.seek(0)
            yield self._part

    def keep(self, digest: str) -> None:
        """Let the server put it in its place."""
        if self._completed:
            self.bucket.move(self.key, Bucket.key_of(digest))
        else:
            self._part.seek(0)
            self.bucket.put(Bucket.key_of(digest), self._part)
        self._remove_tails(self.tails)
        self.close()

    def close(self) -> None:
        """Let go of the part that is on the disk."""
        self._part.close()

    def discard(self) -> None:
        """Remove all that the server has of it, unless it was kept."""
        self.close()
        if self._completed:
            self.bucket.delete(self.key)
        elif self.upload:
            self.bucket.abort(self.key, self.upload)
        self._remove_tails(self.tails)

    def _remove_tails(self, keys: list[str]) -> None:
        for key in keys:
            self.bucket.delete(key)
