"""Reads Parquet by pyarrow: one column of ids, and those that `tables.layout` asks for."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from . import tables
from .faults import Refused

Job = dict[str, Any]

MOST_COLUMNS = 5000
_EMBEDDING = "embedding"


def warm_up() -> None:
    """Read a small file, and with it whatever pyarrow imports late."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    sink = pa.BufferOutputStream()
    small = pa.table({"id": ["a"], "p": [1.0], "n": [1], "e": [[1.0, 2.0]]})
    pq.write_table(small, sink)
    columns = _columns(_opened(sink.getvalue().to_pybytes()))
    _numbers(columns["p"], "p")
    _texts(columns["n"], "n")
    _embeddings(columns["e"])


def _opened(content: bytes) -> pq.ParquetFile:
    return pq.ParquetFile(pa.BufferReader(content), memory_map=False, pre_buffer=False)


def _columns(file: pq.ParquetFile) -> dict[str, pa.ChunkedArray]:
    found = file.read(use_threads=False)
    return {name: found.column(place) for place, name in enumerate(found.column_names)}


def _check_size(file: pq.ParquetFile, room: int) -> None:
    """By what the file declares; what it does not declare meets the box's memory limit."""
    metadata = file.metadata
    if metadata.num_columns > MOST_COLUMNS:
        raise Refused("too_large", f"{metadata.num_columns:,} columns, with at most {MOST_COLUMNS:,} allowed")
    if metadata.num_rows > tables.MOST_ROWS:
        raise Refused("too_large", f"{metadata.num_rows:,} rows")
    size = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
    if size > room:
        found = f"a Parquet file that unpacks to {size / 2**20:,.0f} MB of {room / 2**20:,.0f} MB"
        raise Refused("too_large", found)


def _numbers(column: pa.ChunkedArray, name: str) -> np.ndarray[Any, np.dtype[Any]]:
    """A column as float64, NaN where it is null."""
    try:
        values = column.cast(pa.float64(), safe=False).to_numpy()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise Refused("bad_type", f"the column {name[:60]} of {column.type}, not of numbers") from error
    return np.asarray(values, dtype=np.float64)


def _texts(column: pa.ChunkedArray, name: str) -> list[str]:
    """A column of names or whole numbers as text, empty where it is null."""
    if pa.types.is_nested(column.type):
        raise Refused("bad_type", f"the column {name[:60]} of {column.type}, not of texts")
    return ["" if value is None else str(value).strip() for value in column.to_pylist()]


def _embeddings(column: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[Any]]:
    """Embeddings [rows, size] of a column of lists."""
    joined = column.combine_chunks()
    lengths = set(joined.value_lengths().to_pylist()) if pa.types.is_list(joined.type) else set()
    if pa.types.is_fixed_size_list(joined.type) and joined.null_count == 0:
        lengths = {joined.type.list_size}
    if len(lengths) != 1 or None in lengths:
        sizes = ", ".join(sorted(map(str, lengths))[:5]) or str(joined.type)
        raise Refused("bad_shape", f"embeddings of different or no lengths: {sizes}")
    flat = _numbers(pa.chunked_array([joined.flatten()]), _EMBEDDING)
    return flat.reshape(len(joined), -1)


def read(content: bytes, job: Job) -> tables.Table:
    """The predictions of a Parquet file. Raises `Refused`."""
    try:
        file = _opened(content)
        _check_size(file, job["extra"]["room"])
        columns = _columns(file)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Refused("unreadable", f"a Parquet file that does not parse: {error}") from error
    names = [name for name in columns if name != "__index_level_0__"]
    keys = [name for name in names if name.strip().lower() == "id"]
    if len(keys) != 1:
        hint = "; the ids are in its index: use reset_index()" if "__index_level_0__" in columns else ""
        raise Refused("bad_shape", f"no one column id among {tables.named(names)}{hint}")
    key = columns[keys[0]]
    ids = tables.text_ids(key.to_pylist(), str(key.type))
    rest = [name for name in names if name != keys[0]]
    if job["kind"] == "similarity" and rest == [_EMBEDDING]:
        return tables.dense(ids, _embeddings(columns[_EMBEDDING]), job)
    found = tables.layout(rest, job)
    texts = [] if found.text is None else _texts(columns[rest[found.text]], rest[found.text])
    numbers = [_numbers(columns[rest[place]], rest[place]).astype(np.float32) for place in found.numbers]
    block = np.stack(numbers, axis=1) if numbers else np.empty((len(ids), 0), np.float32)
    return tables.table(tables.Rows(ids, texts, block), job)
