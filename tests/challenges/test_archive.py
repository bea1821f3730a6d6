"""A bundle's digest, packing, and unpacking archives from strangers."""

import os
import stat
import tempfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from challenges import archive, bundle
from challenges.bundle import BundleError

names = st.text("abcXYZ019_-", min_size=1, max_size=8)
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
contents = st.dictionaries(paths, st.binary(max_size=200), max_size=6)


def write(folder: Path, files: dict[str, bytes]) -> bool:
    """Write files; False when the names cannot stand beside each other on every system."""
    folded = {name.casefold() for name in files}
    parents = {
        "/".join(name.split("/")[:depth]) for name in folded for depth in range(1, name.count("/") + 1)
    }
    if len(folded) < len(files) or folded & parents:
        return False
    folder.mkdir()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return True


def contents_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def zipped(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in entries:
            target.writestr(name, content)
    return path


def declaring(path: Path, files: int) -> Path:
    """A zip whose directory says that each of its files is as large as one may be."""
    with zipfile.ZipFile(path, "w") as target:
        for number in range(files):
            target.writestr(f"{number}.txt", b"")
        for entry in target.infolist():
            entry.file_size = archive.LARGEST_FILE
    return path


def refused(path: Path, target: Path) -> str:
    with pytest.raises(BundleError) as raised:
        bundle.unpack(path, target)
    assert not target.exists()
    return str(raised.value)


@settings(max_examples=60, deadline=None)
@given(contents)
def test_what_was_packed_unpacks_to_the_same_files(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        source, target, packed = Path(scratch, "in"), Path(scratch, "out"), Path(scratch, "bundle.zip")
        if not write(source, files):
            return
        bundle.pack(source, packed)
        bundle.unpack(packed, target)
        assert contents_of(target) == files
        assert bundle.digest(target) == bundle.digest(source)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_archive_is_refused_or_unpacks_inside_its_folder(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        packed, target = Path(scratch, "bundle.zip"), Path(scratch, "deep", "out")
        zipped(packed, ("challenge.toml", b"a = 1\n" * 20), ("starter/README.md", b"begin"))
        damaged = bytearray(packed.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
        packed.write_bytes(damaged)
        try:
            bundle.unpack(packed, target)
        except BundleError as error:
            assert error.faults
            assert not target.exists()
        assert {path.name for path in Path(scratch).iterdir()} <= {"bundle.zip", "deep"}
        assert {path.name for path in Path(scratch, "deep").iterdir()} <= {"out"}


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "bundle.zip")
        path.write_bytes(content)
        assert "sound zip" in refused(path, Path(scratch, "out"))


@pytest.mark.parametrize(
    "name",
    [
        "../up",
        "a/../../up",
        "/etc/passwd",
        "C:/up",
        "a\\..\\up",
        "a//b",
        "./a",
        "a/./b",
        "line\nbreak",
        "a" * 300,
    ],
)
def test_a_path_that_means_another_place_is_refused(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "bundle.zip", ("fine.txt", b""), (name, b"x"))
    assert "path" in refused(path, tmp_path / "out")
    assert [entry.name for entry in tmp_path.iterdir()] == ["bundle.zip"]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_special_files_are_refused(tmp_path: Path, kind: int) -> None:
    entry = zipfile.ZipInfo("link")
    entry.create_system, entry.external_attr = 3, (kind | 0o777) << 16
    path = zipped(tmp_path / "bundle.zip", (entry, b"/etc/passwd"))
    assert "a link or special file" in refused(path, tmp_path / "out")


def test_bombs_are_refused_by_what_their_directory_says(tmp_path: Path) -> None:
    zeros = bytes(archive.LARGEST_FILE + 1)
    assert "33,554,433 bytes" in refused(zipped(tmp_path / "a.zip", ("zeros", zeros)), tmp_path / "out")
    assert "570,425,344 bytes in all" in refused(declaring(tmp_path / "b.zip", 17), tmp_path / "out")
    many = [(f"{number}.txt", b"") for number in range(archive.MOST_FILES + 1)]
    assert "501 entries" in refused(zipped(tmp_path / "c.zip", *many), tmp_path / "out")


def test_a_name_of_thousands_of_folders_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bundle.zip", ("a/" * 15_000 + "a", b"x"), ("A", b"y"))
    tracemalloc.start()
    words = refused(path, tmp_path / "out")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "at most 200 printable characters" in words
    assert peak < 20 * 2**20


def test_a_lie_about_the_size_is_found_while_unpacking(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bundle.zip", ("zeros", bytes(100_000)))
    honest = (100_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(honest, (10).to_bytes(4, "little")))
    assert "cannot be unpacked" in refused(path, tmp_path / "out")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["a.txt", "A.TXT", "a.txt/b"])
def test_two_entries_for_one_place_are_refused(tmp_path: Path, second: str) -> None:
    path = zipped(tmp_path / "bundle.zip", ("a.txt", b"1"), (second, b"2"))
    assert "path" in refused(path, tmp_path / "out")


def test_every_fault_of_an_archive_is_told_at_once(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bundle.zip", ("../up", b""), ("/root", b""), ("fine", b""))
    assert len(refused(path, tmp_path / "out").splitlines()) == 2


def test_a_folder_with_files_is_never_unpacked_over(tmp_path: Path, folder: Path) -> None:
    bundle.pack(folder, tmp_path / "bundle.zip")
    before = contents_of(folder)
    with pytest.raises(BundleError, match="already holds files"):
        bundle.unpack(tmp_path / "bundle.zip", folder)
    assert contents_of(folder) == before


def test_digest_and_archive_ignore_times_modes_caches_and_dotfiles(folder: Path, tmp_path: Path) -> None:
    digest, packed = bundle.digest(folder), bundle.pack(folder, tmp_path / "one.zip")
    os.utime(folder / "data.py", (0, 0))
    (folder / "data.py").chmod(0o700)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "data.pyc").write_bytes(b"cache")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("secret")
    assert bundle.digest(folder) == digest
    assert bundle.pack(folder, tmp_path / "two.zip") == packed
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_digest_tells_a_changed_byte_and_a_moved_file(folder: Path) -> None:
    digests = [bundle.digest(folder)]
    (folder / "baseline.py").rename(folder / "other.py")
    digests.append(bundle.digest(folder))
    (folder / "other.py").write_text("print('validation accuracy 0.6')\n")
    digests.append(bundle.digest(folder))
    assert len(set(digests)) == 3


def test_a_bundle_with_a_link_is_neither_digested_nor_packed(folder: Path, tmp_path: Path) -> None:
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(BundleError, match="a link to /etc/passwd"):
        bundle.digest(folder)
    with pytest.raises(BundleError, match="a link to /etc/passwd"):
        bundle.pack(folder, tmp_path / "bundle.zip")


def test_damage_inside_an_lzma_entry_is_told_as_damage(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.txt", bytes(range(256)) * 20)
    content = bytearray(path.read_bytes())
    content[60:200] = bytes(byte ^ 0x5A for byte in content[60:200])
    path.write_bytes(content)
    assert "cannot be unpacked" in refused(path, tmp_path / "out")
