"""A bundle as one file and back: which files belong to it, its digest, packing and safe unpacking."""

import hashlib
import lzma
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from challenges.faults import BundleError, Fault

MOST_FILES = 500
LARGEST_FILE = 32 * 2**20
LARGEST_BUNDLE = 512 * 2**20
"""Bytes of all files together: enough for imported data, which lies in the bundle."""
LONGEST_NAME = 200
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can carry; every entry of ours has it."""

UNREADABLE_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What `zipfile` raises on damaged, encrypted or exotic archives."""


def left_out(name: str) -> bool:
    """Whether a file or folder of this name is no part of a bundle."""
    return name.startswith(".") or name == "__pycache__" or name.endswith(".pyc")


def members(folder: Path) -> list[str]:
    """List the bundle's files, as sorted relative POSIX paths.

    Names that start with a dot, `__pycache__` and compiled Python are no part of a bundle.
    Links and special files are listed too, so that they can be refused by name.
    """
    return sorted(path.relative_to(folder).as_posix() for path in _walk(folder))


def tree_faults(folder: Path) -> list[Fault]:
    """Find what the folder holds that a bundle may not: links, special or huge files, awkward names."""
    names = members(folder)
    faults = [fault for name in names for fault in _file_faults(folder, name)]
    faults += _clashes(names)
    if len(names) > MOST_FILES:
        faults.append(_fault(".", "files", f"{len(names)} files", f"at most {MOST_FILES}"))
    total = sum((folder / name).lstat().st_size for name in names)
    if total > LARGEST_BUNDLE:
        faults.append(_fault(".", "size", f"{total:,} bytes in all", f"at most {LARGEST_BUNDLE:,}"))
    return faults


def digest(folder: Path) -> str:
    """Give the SHA-256 of a bundle's content: sorted relative paths, each with its file's digest.

    Times, modes, caches and dotfiles make no difference. Raises BundleError on links and the like.
    """
    content = hashlib.sha256()
    for name in _sound_members(folder):
        content.update(f"{name}\0{hashlib.sha256((folder / name).read_bytes()).hexdigest()}\n".encode())
    return content.hexdigest()


def pack(folder: Path, target: Path, leave_out: tuple[str, ...] = ()) -> str:
    """Write the bundle as a zip whose bytes depend on its content alone; give their SHA-256.

    Entries are stored, not compressed: compressors of different versions write different bytes.
    Files whose names begin with one of `leave_out` do not go in.
    """
    names = [name for name in _sound_members(folder) if not name.startswith(leave_out)]
    write_zip(folder, names, target)
    with target.open("rb") as archive:
        return hashlib.file_digest(archive, "sha256").hexdigest()


def write_zip(folder: Path, names: list[str], target: Path) -> None:
    """Write the named files below `folder` into a zip, uncompressed, in order, without times or modes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, (folder / name).read_bytes())


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a bundle into `folder`, which must not exist or be empty.

    Nothing is written unless the whole archive is sound. Raises BundleError, with every fault of the
    archive's directory: climbing or absolute paths, links, too many or too large entries, damage.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BundleError([_fault(archive.name, "", f"that {folder} already holds files", "an empty folder")])
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unpack-") as scratch:
        staging = Path(scratch, "bundle")
        staging.mkdir()
        _extract_sound(archive, staging)
        staging.replace(folder)


def _extract_sound(archive: Path, staging: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as source:
            entries = source.infolist()
            faults = _entry_faults(entries)
            if faults:
                raise BundleError(faults)
            for entry in entries:
                _extract(source, entry, staging)
    except UNREADABLE_ZIP as error:
        found = f"a file that cannot be unpacked ({error})"
        raise BundleError([_fault(archive.name, "", found, "a sound zip without encryption")]) from error


def _extract(source: zipfile.ZipFile, entry: zipfile.ZipInfo, staging: Path) -> None:
    target = staging / entry.filename
    if entry.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open(entry) as stream, target.open("xb") as file:
        shutil.copyfileobj(stream, file)


def _entry_faults(entries: list[zipfile.ZipInfo]) -> list[Fault]:
    if len(entries) > MOST_FILES:
        return [_fault("archive", "entries", f"{len(entries)} entries", f"at most {MOST_FILES}")]
    faults = [fault for entry in entries for fault in _one_entry_faults(entry)]
    faults += _clashes([entry.filename for entry in entries])
    total = sum(entry.file_size for entry in entries)
    if total > LARGEST_BUNDLE:
        faults.append(_fault("archive", "size", f"{total:,} bytes in all", f"at most {LARGEST_BUNDLE:,}"))
    return faults


def _one_entry_faults(entry: zipfile.ZipInfo) -> list[Fault]:
    faults = _name_faults(entry.filename.removesuffix("/"))
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        faults.append(_fault(entry.filename, "type", "a link or special file", "a plain file"))
    if entry.file_size > LARGEST_FILE:
        faults.append(_too_large(entry.filename, entry.file_size))
    return faults


def _file_faults(folder: Path, name: str) -> list[Fault]:
    status = (folder / name).lstat()
    if stat.S_ISLNK(status.st_mode):
        to = os.readlink(folder / name)
        return [_fault(name, "type", f"a link to {to}", "a plain file, copied into the bundle")]
    if not stat.S_ISREG(status.st_mode):
        return [_fault(name, "type", "a special file", "a plain file")]
    faults = _name_faults(name)
    if status.st_size > LARGEST_FILE:
        faults.append(_too_large(name, status.st_size))
    return faults


def _name_faults(name: str) -> list[Fault]:
    """Judge a relative path: it must mean the same file, inside the bundle, on every system."""
    path = PurePosixPath(name)
    plain = bool(path.parts) and not path.is_absolute() and path.as_posix() == name
    if not plain or ".." in path.parts or ":" in name or "\\" in name:
        return [_fault(name, "path", repr(name), "a relative path inside the bundle, with plain slashes")]
    if not name.isprintable() or len(name) > LONGEST_NAME:
        return [_fault(name, "path", repr(name), f"at most {LONGEST_NAME} printable characters")]
    return []


def _clashes(names: list[str]) -> list[Fault]:
    """Find names that some file systems take for the same, and files that are also folders.

    Names that are too long are a fault already, and have more parents than there is memory for.
    """
    names = [name for name in names if len(name) <= LONGEST_NAME]
    plain = [name.removesuffix("/").casefold() for name in names]
    files = {name.casefold() for name in names if not name.endswith("/")}
    parents = {str(parent) for name in plain for parent in PurePosixPath(name).parents}
    twice = [name for name, count in Counter(plain).items() if count > 1]
    faults = [_fault(name, "path", "the same name twice", "each name once, in any case") for name in twice]
    faults += [
        _fault(name, "path", "a file and a folder of one name", "one of them")
        for name in sorted(files & parents)
    ]
    return faults


def _sound_members(folder: Path) -> list[str]:
    faults = tree_faults(folder)
    if faults:
        raise BundleError(faults)
    return members(folder)


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if left_out(path.name):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
        else:
            yield path


def _too_large(name: str, size: int) -> Fault:
    return _fault(name, "size", f"{size:,} bytes", f"at most {LARGEST_FILE:,}")


def _fault(file: str, field: str, found: str, expected: str) -> Fault:
    return Fault(file=file, field=field, found=found, expected=expected)
