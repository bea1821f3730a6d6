"""Tells which of torch's files bytes are, before any of them is loaded."""

import io
import zipfile

from .faults import Refused

TORCHSCRIPT = "torchscript"
EXPORTED = "exported"
SAFETENSORS = "safetensors"

_MOST_ENTRIES = 20_000
_MOST_CODE = 64 * 2**20
"""Bytes that an archive may hold beyond its own length: code is compressed in it, weights are not."""
_MOST_NAMED = 3


def _entries(artefact: bytes) -> list[zipfile.ZipInfo]:
    try:
        return zipfile.ZipFile(io.BytesIO(artefact)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Refused("unreadable", f"an archive that does not open: {error}") from error


def _names(artefact: bytes) -> set[str]:
    """The names in an archive, without its one folder. Refuses what is no ordinary archive of torch."""
    entries = _entries(artefact)
    names = [entry.filename for entry in entries]
    if len(names) > _MOST_ENTRIES or len(set(names)) != len(names):
        distinct = len(set(names))
        raise Refused("unsafe_file", f"an archive of {len(names)} entries, {distinct} of them distinct")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > len(artefact) + _MOST_CODE:
        raise Refused("unsafe_file", f"an archive of {len(artefact):,} bytes that holds {unpacked:,}")
    folders = sorted({name.partition("/")[0] for name in names})
    if len(folders) != 1:
        found = ", ".join(folder[:60] for folder in folders[:_MOST_NAMED]) or "nothing"
        raise Refused("unreadable", f"an archive with {found} in place of one folder")
    return {name.partition("/")[2] for name in names}


def container(artefact: bytes) -> str:
    """TORCHSCRIPT, EXPORTED or SAFETENSORS. Refuses weights and pickles that come without a program."""
    if not artefact.startswith(b"PK\x03\x04"):
        return SAFETENSORS
    names = _names(artefact)
    if "constants.pkl" in names and any(name.startswith("code/") for name in names):
        return TORCHSCRIPT
    if "archive_format" in names and any(name.startswith("models/") for name in names):
        return EXPORTED
    if "data.pkl" in names:
        raise Refused("unknown_format", "a file of torch.save: weights or a pickled model without its code")
    raise Refused("unknown_format", "a zip that is neither TorchScript nor an archive of torch.export")
