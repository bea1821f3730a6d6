"""Blobs by digest: stored once, verified when fetched."""

import hashlib
import resource
import signal
from pathlib import Path

import numpy as np
import pytest

from scoring.store import BlobDamaged, BlobMissing, Store, hidden_set
from tests.scoring.models import table_splits


def blob(folder: Path, content: bytes) -> Path:
    file = folder / "file"
    file.write_bytes(content)
    return file


def test_a_blob_lies_below_the_first_two_digits_of_its_digest(tmp_path: Path) -> None:
    store = Store(tmp_path / "blobs")
    digest = store.put(blob(tmp_path, b"hello"))
    assert digest == hashlib.sha256(b"hello").hexdigest()
    assert store.path(digest) == tmp_path / "blobs" / digest[:2] / digest
    assert store.fetch(digest).read_bytes() == b"hello"


def test_storing_twice_leaves_one_file_and_no_rest(tmp_path: Path) -> None:
    store = Store(tmp_path / "blobs")
    file = blob(tmp_path, b"hello")
    assert store.put(file) == store.put(file)
    assert [path.name for path in store.folder.rglob("*") if path.is_file()] == [store.put(file)]


def test_a_missing_blob_is_named(tmp_path: Path) -> None:
    with pytest.raises(BlobMissing, match="ab" * 32):
        Store(tmp_path).fetch("ab" * 32)


def test_an_exchanged_blob_is_never_given_out(tmp_path: Path) -> None:
    store = Store(tmp_path / "blobs")
    digest = store.put(blob(tmp_path, b"hello"))
    store.path(digest).write_bytes(b"other")
    with pytest.raises(BlobDamaged):
        store.fetch(digest)


def test_hidden_sets_are_for_their_owner_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "hidden", private=True)
    assert store.folder.stat().st_mode & 0o777 == 0o700


def test_a_hidden_set_is_read_once_and_then_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "hidden", private=True)
    splits = table_splits()
    arrays = {f"{n}_{f}": a for n, split in splits.items() for f, a in split._asdict().items()}
    np.savez(tmp_path / "hidden.npz", allow_pickle=False, **arrays)
    digest = store.put(tmp_path / "hidden.npz")
    first = hidden_set(store, digest)
    assert np.array_equal(first["private"].labels, splits["private"].labels)
    assert hidden_set(Store(tmp_path / "hidden", private=True), digest) is first


def test_storing_again_mends_a_blob_that_was_cut_off(tmp_path: Path) -> None:
    store = Store(tmp_path / "blobs")
    file = blob(tmp_path, b"hello")
    store.path(store.put(file)).write_bytes(b"he")
    assert store.fetch(store.put(file)).read_bytes() == b"hello"


def test_a_copy_that_fails_leaves_no_rest(tmp_path: Path) -> None:
    store = Store(tmp_path / "blobs")
    file = blob(tmp_path, b"hello" * 2000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            store.put(file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []
