"""Unpacks a zip that somebody hostile may have made, entry by entry, and believes nothing of it.

The rules: the file is a zip from its first byte to its last; every entry is a plain file or folder with
an ordinary relative name that no other entry has, not even in another case; it is stored or deflated,
not encrypted; its bytes belong to it alone; and what comes out is as long as was declared, and not more
than there is room for. All of it is checked before a byte is written, the lengths once more meanwhile.

Appnote 6.3.10 describes the format; Fifield (2019), "A better zip bomb", why overlaps are refused.
"""

import io
import itertools
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from .faults import Refused

MOST_ENTRIES = 2000
MOST_DIRECTORY_BYTES = 2**20
MOST_COMMENT_BYTES = 256
DEEPEST = 16
LONGEST_PART_BYTES = 200
HIGHEST_RATIO = 200
RATIO_COUNTS_FROM_BYTES = 8 * 2**20
"""Small files may well be very regular; a whole that is below this cannot do harm."""
KEPT_FREE_BYTES = 16 * 2**20
"""Room that is left for what the code itself writes."""

_PAGE = 4096
_CHUNK = 2**20
_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")
_DESCRIPTOR_BYTES = 24
"""The longest record of lengths that may follow the bytes of an entry."""
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
_DRIVE = re.compile(r"^[A-Za-z]:")
_METHODS = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflated"}
_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


class Entry(NamedTuple):
    """One file of a zip: its path as parts, where its packed bytes lie, and what they must come to."""

    parts: tuple[str, ...]
    start: int
    packed: int
    size: int
    method: int
    checksum: int

    @property
    def name(self) -> str:
        """The path with slashes."""
        return "/".join(self.parts)


def megabytes(size: int) -> str:
    """A size for a person."""
    return f"{size / 2**20:.1f} MB"


def _unsafe(found: str) -> Refused:
    return Refused("unsafe_file", found)


def _directory_start(content: bytes) -> int:
    """Where the list of entries begins. Refuses a file that is anything besides a zip."""
    if not content.startswith(b"PK\x03\x04"):
        raise _unsafe("a zip with other data before its first entry")
    at = content.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(content):
        raise Refused("unreadable", "a zip file without its end: it was cut off, or is damaged")
    _, disk, first_disk, here, total, size, start, comment = _END.unpack_from(content, at)
    if at + _END.size + comment != len(content) or comment > MOST_COMMENT_BYTES:
        raise _unsafe(f"a zip with {len(content) - at - _END.size:,} bytes after its last record")
    if 0xFFFF in (here, total) or 0xFFFFFFFF in (start, size) or content[at - 20 : at - 16] == b"PK\x06\x07":
        raise _unsafe("a zip of the 64-bit form, which a file of this size has no need of")
    if disk or first_disk or here != total:
        raise _unsafe("a part of a zip that is split over several files")
    if total > MOST_ENTRIES or size > MOST_DIRECTORY_BYTES:
        raise _unsafe(f"a zip of {total:,} entries, with at most {MOST_ENTRIES:,} allowed")
    if start + size != at:
        raise _unsafe("a zip with other data before its first entry, or before its list of entries")
    return int(start)


def _listed(content: bytes) -> list[zipfile.ZipInfo]:
    try:
        found = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except UnicodeDecodeError as error:
        raise _unsafe("an entry whose name is not UTF-8") from error
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise Refused("unreadable", f"a zip file that does not open: {error}") from error
    if len(found) > MOST_ENTRIES:
        raise _unsafe(f"a zip of {len(found):,} entries, with at most {MOST_ENTRIES:,} allowed")
    return found


def _name(info: zipfile.ZipInfo) -> str:
    """The name as its bytes have it. Packers that do not say that they write UTF-8 mostly do."""
    if info.flag_bits & _UTF8:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode()
    except UnicodeDecodeError as error:
        raise _unsafe(f"an entry whose name is not UTF-8: {info.orig_filename!r}") from error


def _fault_of_name(name: str) -> str | None:
    parts = name.removesuffix("/").split("/")
    rules = (
        ("a NUL or another character that does not print", not name.isprintable()),
        ("a backslash; folders are separated by slashes", "\\" in name),
        ("a path from the root", name.startswith("/")),
        ("a drive letter", _DRIVE.match(name) is not None),
        ("a path that climbs out of its folder", ".." in parts),
        ("an empty part or a dot", not {"", "."}.isdisjoint(parts)),
        (f"more than {DEEPEST} folders within each other", len(parts) > DEEPEST),
        (
            f"a part longer than {LONGEST_PART_BYTES} bytes",
            any(len(part.encode()) > LONGEST_PART_BYTES for part in parts),
        ),
    )
    return next((text for text, broken in rules if broken), None)


def _fault_of_kind(info: zipfile.ZipInfo, name: str) -> str | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return _KINDS.get(kind, "neither a file nor a folder")
    if info.flag_bits & _ENCRYPTED:
        return "encrypted"
    if info.compress_type not in _METHODS:
        return f"compressed by method {info.compress_type}; this platform reads stored and deflated entries"
    return "a folder that holds bytes" if name.endswith("/") and info.file_size else None


def _parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
    name = _name(info)
    fault = _fault_of_name(name)
    if fault is not None:
        raise _unsafe(f"the entry {name[:200]!r}, whose name has {fault}")
    fault = _fault_of_kind(info, name)
    if fault is not None:
        raise _unsafe(f"the entry {name[:200]!r}, which is {fault}")
    return tuple(name.removesuffix("/").split("/"))


def _entry(content: bytes, info: zipfile.ZipInfo, parts: tuple[str, ...]) -> Entry:
    """Where an entry's bytes lie, by its own header, which must say the same name as the list."""
    at = info.header_offset
    try:
        mark, *_, name_bytes, extra_bytes = _LOCAL.unpack_from(content, at)
    except struct.error as error:
        raise _unsafe(f"the entry {'/'.join(parts)!r}, which lies outside of the file") from error
    start = at + _LOCAL.size + name_bytes + extra_bytes
    written = content[at + _LOCAL.size : at + _LOCAL.size + name_bytes]
    listed = info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437")
    if mark != b"PK\x03\x04" or written != listed:
        raise _unsafe(f"the entry {'/'.join(parts)!r}, which has another name where it lies")
    return Entry(parts, start, info.compress_size, info.file_size, info.compress_type, info.CRC)


def _check_layout(spans: list[tuple[int, int]], directory: int) -> None:
    """Entries follow each other from the first byte to the list, with nothing shared or in between."""
    ordered = sorted(spans)
    if ordered and ordered[0][0] != 0:
        raise _unsafe("a zip with other data before its first entry")
    for (_, end), (start, _) in itertools.pairwise([*ordered, (directory, directory)]):
        if end > start:
            raise _unsafe("a zip with entries that overlap, as a zip bomb has them")
        if start - end > _DESCRIPTOR_BYTES:
            raise _unsafe(f"a zip with {start - end:,} bytes that belong to no entry")


def _same(parts: Iterable[str]) -> str:
    """What two names have in common that some file system takes for one."""
    return unicodedata.normalize("NFKC", "/".join(parts)).casefold()


def _check_names(names: list[tuple[str, ...]], files: list[tuple[str, ...]]) -> None:
    """No name twice, and no file where a folder must be."""
    twice = [name for name, count in Counter(_same(parts) for parts in names).items() if count > 1]
    if twice:
        raise _unsafe(f"more than one entry of the name {twice[0][:200]!r}, upper and lower case aside")
    taken = {_same(parts) for parts in files}
    folders = {_same(parts[:depth]) for parts in names for depth in range(1, len(parts))}
    if not taken.isdisjoint(folders):
        raise _unsafe(f"a file that is also a folder: {min(taken & folders)[:200]!r}")


def _check_sizes(entries: list[Entry], room: int) -> None:
    size = sum(entry.size for entry in entries)
    packed = sum(entry.packed for entry in entries)
    if size > RATIO_COUNTS_FROM_BYTES and size > HIGHEST_RATIO * packed:
        raise _unsafe(f"a zip of {megabytes(packed)} that unpacks to {megabytes(size)}, as a zip bomb does")
    pages = sum(-(-entry.size // _PAGE) * _PAGE for entry in entries)
    if pages > room:
        raise _unsafe(f"a zip that unpacks to {megabytes(pages)}, at most {megabytes(room)}")


def read(content: bytes, room: int) -> list[Entry]:
    """The files of a zip that may come to `room` bytes in all. Raises `Refused`; writes nothing."""
    directory = _directory_start(content)
    listed = _listed(content)
    names = [_parts(info) for info in listed]
    placed = [_entry(content, info, parts) for info, parts in zip(listed, names, strict=True)]
    spans = [(i.header_offset, entry.start + entry.packed) for i, entry in zip(listed, placed, strict=True)]
    _check_layout(spans, directory)
    entries = [e for info, e in zip(listed, placed, strict=True) if not info.orig_filename.endswith("/")]
    _check_names(names, [entry.parts for entry in entries])
    _check_sizes(entries, room)
    return entries


def _inflated(packed: memoryview, most: int) -> Iterator[bytes]:
    """The bytes of a deflated entry, never more than `most` and one."""
    stream, left = zlib.decompressobj(-zlib.MAX_WBITS), most + 1
    rest: bytes | memoryview = packed
    while left and not stream.eof:
        piece = stream.decompress(rest, min(_CHUNK, left))
        rest = stream.unconsumed_tail
        left -= len(piece)
        yield piece
        if not piece and not rest:
            break
    if left and (not stream.eof or stream.unused_data):
        raise zlib.error("it ends too early or too late")


def _pieces(content: bytes, entry: Entry) -> Iterator[bytes]:
    packed = memoryview(content)[entry.start : entry.start + entry.packed]
    if entry.method == zipfile.ZIP_DEFLATED:
        return _inflated(packed, entry.size)
    return (bytes(packed[at : at + _CHUNK]) for at in range(0, len(packed), _CHUNK))


def _write(content: bytes, entry: Entry, path: Path) -> None:
    """Write one entry, counting. Refuses it when it is longer, shorter or other than declared."""
    written, checksum = 0, 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        try:
            for piece in _pieces(content, entry):
                written, checksum = written + len(piece), zlib.crc32(piece, checksum)
                if written > entry.size:
                    found = (
                        f"the entry {entry.name!r}, which is longer than the {entry.size:,} bytes it declares"
                    )
                    raise _unsafe(found)
                file.write(piece)
        except zlib.error as error:
            raise Refused("unreadable", f"the entry {entry.name!r} does not unpack: {error}") from error
    if written != entry.size or checksum != entry.checksum:
        raise Refused("unreadable", f"the entry {entry.name!r} is damaged: its checksum does not hold")


def room_in(folder: Path) -> int:
    """Bytes that may be unpacked there."""
    found = os.statvfs(folder)
    return max(0, found.f_bavail * found.f_frsize - KEPT_FREE_BYTES)


def unpack(content: bytes, folder: Path) -> list[Entry]:
    """Unpack a zip into a folder, which is made. Raises `Refused` with what is wrong with it."""
    entries = read(content, room_in(folder.parent))
    folder.mkdir()
    for entry in entries:
        _write(content, entry, folder.joinpath(*entry.parts))
    return entries
