"""Reads npy and npz, without pickle, and believes no declared size."""

import io
import math
import zipfile
import zlib
from typing import Any

import numpy as np
from numpy.lib import format as npy_format

from .faults import Refused

Values = np.ndarray[Any, np.dtype[Any]]

MOST_ENTRIES = 64
_HEADER_CHARACTERS = 10_000
_HEADERS = {(1, 0): npy_format.read_array_header_1_0, (2, 0): npy_format.read_array_header_2_0}
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


def npy(content: bytes, name: str = "the file") -> Values:
    """The array of an npy file, read-only and over its bytes. Raises `Refused`."""
    file = io.BytesIO(content)
    try:
        read_header = _HEADERS[npy_format.read_magic(file)]
        shape, fortran, dtype = read_header(file, max_header_size=_HEADER_CHARACTERS)
    except KeyError as error:
        raise Refused(
            "unreadable", f"{name}: an npy file of version {error}; 1.0 and 2.0 are read"
        ) from error
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise Refused("unreadable", f"{name}: an npy file whose header does not parse: {error}") from error
    if dtype.hasobject:
        raise Refused("unsafe_file", f"{name}: an array of Python objects, which only pickle can hold")
    count, held = math.prod(shape), len(content) - file.tell()
    if min(shape, default=1) < 0 or count * dtype.itemsize != held or (count and not held):
        declared = f"an array of {dtype} {list(shape)}, {count * dtype.itemsize:,} bytes"
        raise Refused("unreadable", f"{name}: {declared}, of which {held:,} are there")
    flat = np.frombuffer(content, dtype, count, file.tell())
    return native(flat.reshape(shape, order="F" if fortran else "C"))


def native(values: Values) -> Values:
    """The same numbers in this machine's order of bytes."""
    return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))


def npz(content: bytes, room: int) -> dict[str, Values]:
    """The arrays `ids` and `predictions` of an npz file that may unpack to `room` bytes. Raises `Refused`."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except _DAMAGE as error:
        raise Refused("unreadable", f"an npz file that does not open: {error}") from error
    entries = _entries(archive)
    size = sum(entry.file_size for entry in entries.values())
    if size > room:
        raise Refused("too_large", f"an npz that unpacks to {size / 2**20:,.0f} MB of {room / 2**20:,.0f} MB")
    return {name: npy(_bytes(archive, entry), f"{name}.npy") for name, entry in entries.items()}


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    listed = archive.infolist()
    if len(listed) > MOST_ENTRIES:
        raise Refused("unreadable", f"an npz of {len(listed):,} arrays; two are asked for")
    names = [entry.filename.removesuffix(".npy") for entry in listed]
    wanted = ("ids", "predictions")
    if any(names.count(name) != 1 for name in wanted):
        found = ", ".join(name[:60] for name in names[:8]) or "none"
        raise Refused("unreadable", f"an npz with the arrays {found}; ids and predictions are asked for")
    return {name: listed[names.index(name)] for name in wanted}


def _bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The bytes of an entry, of which no more are unpacked than it declares, and one to tell that there are.

    Without a number `read` unpacks up to two gigabytes before it looks at what was declared.
    """
    if entry.compress_type not in _METHODS or entry.flag_bits & 0x1:
        raise Refused("unreadable", f"{entry.filename[:60]}: an entry that is neither stored nor deflated")
    try:
        with archive.open(entry) as file:
            content = file.read(entry.file_size + 1)
    except _DAMAGE as error:
        raise Refused("unreadable", f"{entry.filename[:60]} does not unpack: {error}") from error
    if len(content) != entry.file_size:
        found = f"{entry.filename[:60]} declares {entry.file_size:,} bytes and holds {len(content):,}"
        raise Refused("unreadable", found)
    return content
