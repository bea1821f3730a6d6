"""Both stores keep the same promises: a folder, and a bucket of a server that speaks S3."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from heldout import blobs
from heldout.blobs import Writing
from heldout.stores import bucket as bucket_store
from scoring.bucket import PART_BYTES

CONTENT = bytes(range(256)) * 200
TWO_PARTS = b"w" * (PART_BYTES + 1000)

pytestmark = pytest.mark.usefixtures("each_store")


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.BLOBS = tmp_path / "blobs"
    return tmp_path / "blobs"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def put(content: bytes) -> str:
    writing = Writing.begin()
    writing.write(content)
    found = writing.finish()
    writing.keep(found)
    return found


def read(name: str) -> bytes:
    with blobs.reading(name) as content:
        return content.read()


def on_server() -> list[str]:
    """Whatever a bucket holds that is no blob."""
    store: Any = blobs.store()
    if not hasattr(store, "bucket"):
        return []
    begun = [key for key, _, _ in store.bucket.begun()]
    return begun + [found.key for found in store.bucket.objects("incoming/")]


def waiting(folder: Path) -> list[str]:
    """What is not kept, here and on the server."""
    return [path.name for path in folder.glob("incoming/*")] + on_server()


@pytest.mark.parametrize("content", [b"", CONTENT, TWO_PARTS, b"w" * 2 * PART_BYTES])
def test_what_is_written_is_there_by_its_digest(content: bytes, folder: Path) -> None:
    found = put(content)
    assert found == digest(content)
    assert blobs.exists(found)
    assert read(found) == content
    assert blobs.path(found).read_bytes() == content
    assert [(file.digest, file.size) for file in blobs.files()] == [(found, len(content))]
    assert waiting(folder) == []


def test_a_complete_file_is_taken(folder: Path) -> None:
    file = blobs.new_incoming()
    file.write_bytes(CONTENT)
    blobs.keep(file, digest(CONTENT))
    assert read(digest(CONTENT)) == CONTENT
    assert waiting(folder) == []


def test_what_is_not_there_is_nowhere() -> None:
    assert not blobs.exists("a" * 64)
    assert not blobs.path("a" * 64).exists()
    with pytest.raises(OSError, match="a" * 64), blobs.reading("a" * 64):
        pass


def test_the_same_content_is_there_once() -> None:
    put(CONTENT)
    put(CONTENT)
    assert [file.digest for file in blobs.files()] == [digest(CONTENT)]


def test_a_blob_that_is_deleted_is_gone_with_its_copy() -> None:
    found = put(CONTENT)
    assert blobs.path(found).exists()
    blobs.store().delete(found)
    blobs.store().delete(found)
    assert not blobs.exists(found)
    assert not blobs.path(found).exists()
    assert list(blobs.files()) == []


@pytest.mark.parametrize("size", [1000, PART_BYTES + 1000])
def test_what_is_discarded_leaves_nothing(size: int, folder: Path) -> None:
    writing = Writing.begin()
    writing.write(b"w" * size)
    writing.pause()
    writing.discard()
    assert waiting(folder) == []
    assert list(blobs.files()) == []


@pytest.mark.parametrize("at", [1, 1000, PART_BYTES, PART_BYTES + 1])
def test_a_paused_file_is_gone_on_with_by_another_process(at: int, folder: Path) -> None:
    first = Writing.begin()
    first.write(TWO_PARTS[:at])
    mark = first.pause()
    first.close()
    second = Writing.resume(mark, at)
    second.write(TWO_PARTS[at:])
    assert second.finish() == digest(TWO_PARTS)
    second.keep(digest(TWO_PARTS))
    assert read(digest(TWO_PARTS)) == TWO_PARTS
    assert waiting(folder) == []


def test_what_was_written_after_the_last_pause_is_forgotten(folder: Path) -> None:
    first = Writing.begin()
    first.write(TWO_PARTS[: PART_BYTES + 500])
    mark = first.pause()
    first.write(b"x" * PART_BYTES)
    first.close()
    second = Writing.resume(mark, PART_BYTES + 500)
    second.write(TWO_PARTS[PART_BYTES + 500 :])
    second.keep(second.finish())
    assert [file.digest for file in blobs.files()] == [digest(TWO_PARTS)]
    assert waiting(folder) == []


def test_many_pauses_leave_a_bounded_rest_on_the_server() -> None:
    writing = Writing.begin()
    mark = {}
    for size in range(5):
        writing.write(b"w")
        mark = writing.pause()
        writing.close()
        writing = Writing.resume(mark, size + 1)
    assert len(on_server()) <= 2
    assert writing.finish() == digest(b"w" * 5)
    writing.discard()


def test_a_file_whose_beginning_is_gone_cannot_be_gone_on_with() -> None:
    writing = Writing.begin()
    writing.write(CONTENT)
    mark = writing.pause()
    writing.discard()
    with pytest.raises(OSError, match=mark["file"]):
        Writing.resume(mark, len(CONTENT))


@pytest.mark.parametrize("size", [1000, PART_BYTES + 1000])
def test_what_was_abandoned_goes_and_what_is_written_stays(size: int, folder: Path) -> None:
    writing = Writing.begin()
    writing.write(b"w" * size)
    writing.pause()
    writing.close()
    bucket_store._looked.clear()
    blobs.remove_abandoned(datetime.now(UTC) - timedelta(hours=1))
    assert waiting(folder)
    bucket_store._looked.clear()
    blobs.remove_abandoned(datetime.now(UTC) + timedelta(hours=1))
    assert waiting(folder) == []


def test_the_store_says_whether_it_can_be_used(settings: Any, folder: Path) -> None:
    folder.mkdir()
    blobs.store().check()
    settings.BLOBS, settings.STORE = folder / "absent", settings.STORE and "s3://not-there"
    with pytest.raises(Exception, match=r"404|no folder"):
        blobs.store().check()
