"""Blobs in a bucket: copied to the worker's disk, verified, and only so many of them."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scoring.bucket import Bucket, address_of
from scoring.copies import IN_USE_SECONDS, Copies
from scoring.settings import Missing, read
from scoring.store import BlobDamaged, BlobMissing, RemoteStore, blobs_of
from tests import servers


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    address = address_of(servers.new_place(), servers.object_store())
    assert address
    yield Bucket(address)


@pytest.fixture
def store(bucket: Bucket, tmp_path: Path) -> RemoteStore:
    return RemoteStore(Copies(bucket, tmp_path / "copies"))


def put(store: RemoteStore, folder: Path, content: bytes) -> str:
    file = folder / "file"
    file.write_bytes(content)
    return store.put(file)


def test_what_is_put_lies_in_the_bucket_and_is_fetched_to_the_disk(
    store: RemoteStore, bucket: Bucket, tmp_path: Path
) -> None:
    digest = put(store, tmp_path, b"hello")
    assert [found.key for found in bucket.objects()] == [f"{digest[:2]}/{digest}"]
    assert store.fetch(digest) == tmp_path / "copies" / digest[:2] / digest
    assert store.fetch(digest).read_bytes() == b"hello"


def test_a_copy_is_made_once(store: RemoteStore, bucket: Bucket, tmp_path: Path) -> None:
    digest = put(store, tmp_path, b"hello")
    store.fetch(digest)
    bucket.delete(Bucket.key_of(digest))
    assert store.fetch(digest).read_bytes() == b"hello"


def test_a_missing_blob_is_named(store: RemoteStore) -> None:
    with pytest.raises(BlobMissing, match="ab" * 32):
        store.fetch("ab" * 32)


def test_an_exchanged_object_is_never_given_out(store: RemoteStore, bucket: Bucket, tmp_path: Path) -> None:
    digest = put(store, tmp_path, b"hello")
    bucket.put(Bucket.key_of(digest), b"other")
    with pytest.raises(BlobDamaged):
        store.fetch(digest)
    assert not store.copies.path(digest).exists()


def test_a_copy_that_was_damaged_on_the_disk_is_made_anew(store: RemoteStore, tmp_path: Path) -> None:
    digest = put(store, tmp_path, b"hello")
    store.fetch(digest).write_bytes(b"other")
    assert store.fetch(digest).read_bytes() == b"hello"


def test_the_copies_used_least_of_late_make_room_for_others(bucket: Bucket, tmp_path: Path) -> None:
    store = RemoteStore(Copies(bucket, tmp_path / "copies", most_bytes=2500))
    old, used, new = (put(store, tmp_path, letter * 1000) for letter in (b"a", b"b", b"c"))
    before = time.time() - 10 * IN_USE_SECONDS
    for age, digest in ((100, old), (200, used)):
        os.utime(store.fetch(digest), (before - age, before - age))
    store.fetch(used)
    store.fetch(new)
    assert [store.copies.path(digest).exists() for digest in (old, used, new)] == [False, True, True]


def test_a_copy_that_was_just_asked_for_stays_whatever_the_bound(bucket: Bucket, tmp_path: Path) -> None:
    store = RemoteStore(Copies(bucket, tmp_path / "copies", most_bytes=0))
    first, second = put(store, tmp_path, b"first"), put(store, tmp_path, b"second")
    assert store.fetch(first).exists() and store.fetch(second).exists()
    assert store.copies.path(first).exists()


def test_a_worker_is_told_of_the_bucket_by_its_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HELDOUT_BROKER_URL", "redis://nowhere")
    monkeypatch.setenv("HELDOUT_BLOBS", str(tmp_path / "copies"))
    monkeypatch.setenv("HELDOUT_HIDDEN", str(tmp_path / "hidden"))
    monkeypatch.setenv("HELDOUT_STORE", "s3://files/of/heldout")
    monkeypatch.setenv("HELDOUT_COPIES_MB", "5")
    found = read()
    blobs = blobs_of(found.blobs, found.bucket, found.most_bytes)
    assert isinstance(blobs, RemoteStore)
    assert (str(blobs.copies.bucket), blobs.copies.most_bytes) == ("s3://files/of/heldout", 5 * 2**20)
    monkeypatch.setenv("HELDOUT_STORE", "https://files")
    with pytest.raises(Missing, match="'https://files'; expected s3://BUCKET/PREFIX"):
        read()
