"""Blobs by digest: stored once, verified when fetched."""

import hashlib
import resource
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scoring.store import MEMO_FROM_BYTES, BlobDamaged, BlobMissing, Kept, Splits, Store, hidden_set
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


def large(folder: Path, store: Store) -> str:
    """A blob large enough that its verification is remembered."""
    return store.put(blob(folder, b"x" * MEMO_FROM_BYTES))


def test_a_large_blob_that_was_verified_is_still_found_damaged_when_it_changes(tmp_path: Path) -> None:
    store = Store(tmp_path / "blobs")
    digest = large(tmp_path, store)
    path = store.path(digest)
    assert store.fetch(digest) == path
    with path.open("r+b") as file:
        file.write(b"y")
    with pytest.raises(BlobDamaged):
        store.fetch(digest)


def test_a_large_blob_is_read_through_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "blobs")
    digest = large(tmp_path, store)
    monkeypatch.setattr("scoring.store._SETTLED_NS", -1)
    store.fetch(digest)
    monkeypatch.setattr("scoring.store.digest_of", lambda file: "that of another file")
    assert store.fetch(digest) == store.path(digest)
    exchanged = tmp_path / "exchanged"
    exchanged.write_bytes(b"x" * MEMO_FROM_BYTES)
    exchanged.replace(store.path(digest))
    with pytest.raises(BlobDamaged):
        store.fetch(digest)


KEY = (Path("/"), "a", ())


def reading(log: list[str], name: str = "a", splits: Splits | None = None) -> Callable[[], Splits]:
    """Gives splits and notes that they were read."""

    def read() -> Splits:
        log.append(name)
        return table_splits() if splits is None else splits

    return read


def test_hidden_sets_are_kept_by_their_bytes_the_latest_used_first() -> None:
    log: list[str] = []
    size = sum(part.nbytes for split in table_splits().values() for part in split)
    kept = Kept(2 * size)
    for name in "abacab":
        kept.get((Path("/"), name, ()), reading(log, name))
        assert kept.size <= 2 * size
    assert log == ["a", "b", "c", "b"]


def test_what_is_larger_than_all_room_is_given_and_not_kept() -> None:
    splits, log = table_splits(), list[str]()
    kept = Kept(10)
    assert kept.get(KEY, reading(log, splits=splits)) is splits
    assert kept.get(KEY, reading(log, splits=splits)) is splits
    assert (kept.size, log) == (0, ["a", "a"])


def test_what_several_threads_ask_for_at_once_is_read_once() -> None:
    log: list[str] = []
    kept, begun, go_on = Kept(2**20), threading.Event(), threading.Event()
    found: list[Splits] = []

    def slowly() -> Splits:
        begun.set()
        assert go_on.wait(20)
        return reading(log)()

    threads = [threading.Thread(target=lambda: found.append(kept.get(KEY, slowly))) for _ in range(4)]
    threads[0].start()
    assert begun.wait(20)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join()
    assert log == ["a"]
    assert [one is found[0] for one in found] == [True] * 4


def test_a_set_that_could_not_be_read_is_tried_again() -> None:
    kept, log = Kept(2**20), list[str]()

    def failing() -> Splits:
        raise BlobMissing("gone")

    with pytest.raises(BlobMissing):
        kept.get(KEY, failing)
    kept.get(KEY, reading(log))
    assert log == ["a"]
