"""Attacks by files of predictions: code in arrays, sizes that lie, bombs, and what is cut off."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from challenges.manifest import Limits
from scoring.job import VerdictCode
from tests.attacks.conftest import CANARY
from tests.scoring.fixtures import Inspect, Score
from tests.scoring.formats.tables import npy, npz, parquet
from tests.scoring.models import pickled, table_splits

QUICK = Limits(wall_seconds=10, memory_mb=384)
HUGE = 4 * 2**30
IDS = [str(name) for split in ("public", "private") for name in table_splits()[split].ids]


def header(shape: str, descr: str = "'<f4'") -> bytes:
    """An npy file of 16 bytes whose header declares something else."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + bytes(16)


def zipped(predictions: bytes, ids: bytes = npy(IDS)) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ids.npy", ids)
        archive.writestr("predictions.npy", predictions)
    return buffer.getvalue()


def with_code() -> bytes:
    """An array of objects whose pickle runs code; `numpy.load` with allow_pickle would run it."""
    prefix = header("(1,)", "'|O'")[:-16]
    return prefix + pickled(f"raise SystemExit({CANARY!r})")


def bomb(declared: int | None = None) -> bytes:
    """An npz whose array unpacks to four gigabytes, and says so or something else."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # After a full flush a block stands alone, so that one serves for all.
    block = packer.compress(bytes(2**24)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = block * (HUGE // 2**24) + packer.flush()
    archive = bytearray(zipped(b"?"))
    info = zipfile.ZipFile(io.BytesIO(archive)).getinfo("predictions.npy")
    local = info.header_offset
    start = local + 30 + len(info.filename)
    directory = archive.rindex(b"PK\1\2")
    size = HUGE - 1 if declared is None else declared
    for at, offset in ((local, 18), (directory, 20)):
        struct.pack_into("<LL", archive, at + offset, len(packed), size)
    moved = bytes(archive[:start]) + packed + bytes(archive[start + info.compress_size :])
    end = bytearray(moved)
    shift = len(packed) - info.compress_size
    at = end.rindex(b"PK\5\6")
    struct.pack_into("<L", end, at + 16, struct.unpack_from("<L", end, at + 16)[0] + shift)
    return bytes(end)


def many_entries() -> bytes:
    return npz(compress=False, **{f"a{number}": np.zeros(1) for number in range(200)})


def fat_column() -> bytes:
    """Parquet of a few kilobytes whose column of texts comes to four gigabytes: one word, again and again."""
    word = pa.array(["x" * 2**16])
    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(2**16, np.int32)), word)
    return parquet(columns={"id": column, "label": column}, compression="zstd")


def other_sizes() -> bytes:
    """Parquet whose pages are not of the length that their headers say."""
    content = bytearray(parquet(columns={"id": IDS, "label": ["tent"] * len(IDS)}, compression="none"))
    for at in range(4, 40):
        content[at] ^= 0x5A
    return bytes(content)


def wide() -> bytes:
    buffer = io.BytesIO()
    names = [f"c{number}" for number in range(6000)]
    pq.write_table(pa.table({"id": ["a"], **{name: [0] for name in names}}), buffer, use_dictionary=False)
    return buffer.getvalue()


HONEST = parquet(columns={"id": IDS, "label": ["tent"] * len(IDS)})

Attack = tuple[str, Callable[[], bytes], set[VerdictCode]]
ATTACKS: list[Attack] = [
    ("code in an npy file", with_code, {"unsafe_file"}),
    ("code in an npz file", lambda: zipped(with_code()), {"unsafe_file"}),
    ("code among the ids", lambda: zipped(npy(np.zeros(1)), with_code()), {"unsafe_file"}),
    ("a shape beyond all memory", lambda: zipped(header(f"({2**40}, {2**20})")), {"unreadable"}),
    ("a shape below nothing", lambda: zipped(header("(-4,)")), {"unreadable"}),
    ("elements of no size", lambda: zipped(header(f"({2**60},)", "'|V0'")), {"unreadable", "bad_type"}),
    ("a header that is code", lambda: zipped(header("(__import__('os').getpid(),)")), {"unreadable"}),
    ("brackets in brackets", lambda: zipped(header("(" * 3000 + ")" * 3000)), {"unreadable"}),
    ("an npz bomb of four gigabytes", bomb, {"too_large"}),
    ("an npz bomb that hides its size", lambda: bomb(1000), {"unreadable"}),
    ("hundreds of arrays", many_entries, {"unreadable"}),
    ("an npz that was cut off", lambda: npz(ids=IDS, predictions=np.ones((110, 3)))[:-60], {"unreadable"}),
    ("a Parquet column of four gigabytes", fat_column, {"too_large", "out_of_memory", "unreadable"}),
    ("thousands of Parquet columns", wide, {"too_large"}),
    ("Parquet that was cut in two", lambda: HONEST[: len(HONEST) // 2] + HONEST[-8:], {"unreadable"}),
    ("Parquet with other pages than it says", other_sizes, {"unreadable", "crashed", "out_of_memory"}),
    ("Parquet with a footer of two gigabytes", lambda: b"PAR1" + b"\xff\xff\xff\x7fPAR1", {"unreadable"}),
]


@pytest.mark.parametrize(("made", "codes"), [a[1:] for a in ATTACKS], ids=[a[0] for a in ATTACKS])
def test_a_hostile_file_of_predictions_gets_its_verdict(
    score: Score, made: Callable[[], bytes], codes: set[VerdictCode]
) -> None:
    evaluation = score(made(), limits=QUICK)
    assert evaluation.verdict is not None
    assert evaluation.verdict.code in codes, evaluation.verdict
    assert CANARY not in evaluation.model_dump_json()


def test_inspection_runs_no_code_either(inspect: Inspect) -> None:
    verdict = inspect(with_code(), limits=QUICK).verdict
    assert verdict is not None
    assert verdict.code == "unsafe_file"
    assert "Python objects" in verdict.found
    assert "savez" in verdict.fix
