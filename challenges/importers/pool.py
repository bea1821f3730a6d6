"""Imported data as it lies in a bundle, and the splits that are drawn from it.

`train/` and `validation/` are what teams get. `hidden/` holds the examples among which an event's secret
chooses the public and the private split; it is in the bundle, and in nothing that teams are given.
Arrays are stored raw and in pieces, so that the same data always has the same bytes.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from challenges.importers.splitting import CannotSplit, Presence, drawn
from challenges.splits import Examples, secret_generator

Part = Literal["train", "validation", "hidden"]
PARTS: tuple[Part, ...] = ("train", "validation", "hidden")
PIECE_BYTES = 24 * 2**20
SOURCES = "sources.csv"
"""Which file or row each example comes from; it names hidden ones, too."""
_PURPOSE = "imported pool"


def given(folder: Path, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """The train and validation splits. Raises ValueError when the pool has fewer examples than wanted."""
    return {part: _first(_examples(folder / part), sizes[part], part) for part in ("train", "validation")}


def hidden(folder: Path, secret: bytes, sizes: Mapping[str, int]) -> dict[str, Examples]:
    """The public and the private split, which the secret draws; no group is in both.

    Raises ValueError when the hidden part is not there, as in an archive for teams, or too small.
    """
    place = folder / "hidden"
    if not place.is_dir():
        raise ValueError(
            f"{place} is not there: these are the files for teams, which hold no hidden examples"
        )
    examples = _examples(place)
    groups, presence, turns = (np.load(place / f"{name}.npy") for name in ("groups", "presence", "turns"))
    names = ("public", "private")
    rng = secret_generator(secret, _PURPOSE)
    try:
        split = drawn(presence, groups, [sizes[name] for name in names], rng, turns=turns)
    except CannotSplit as error:
        raise ValueError(f"{place}: {error}") from error
    rows = {name: rng.permutation(np.flatnonzero(split == number)) for number, name in enumerate(names)}
    return {name: Examples(examples.inputs[order], examples.labels[order]) for name, order in rows.items()}


def write_part(folder: Path, part: Part, examples: Examples) -> None:
    """Write one part of the pool."""
    place = folder / part
    place.mkdir(parents=True)
    for name, array in examples._asdict().items():
        _write_pieces(place, name, array)


def write_hidden_facts(
    folder: Path, groups: NDArray[np.int64], presence: Presence, turns: NDArray[np.int64]
) -> None:
    """Write what `hidden` draws by: each hidden example's group, its strata, its turn in the group."""
    np.save(folder / "hidden" / "groups.npy", groups, allow_pickle=False)
    np.save(folder / "hidden" / "presence.npy", presence, allow_pickle=False)
    np.save(folder / "hidden" / "turns.npy", turns, allow_pickle=False)


def write_sources(folder: Path, rows: Sequence[tuple[str, str, str]]) -> None:
    """Write the part, name and group of each example."""
    with (folder / SOURCES).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([("part", "example", "group"), *rows])


def _write_pieces(place: Path, name: str, array: NDArray[Any]) -> None:
    rows = max(1, PIECE_BYTES // max(1, array[:1].nbytes))
    for number, start in enumerate(range(0, len(array), rows)):
        np.save(place / f"{name}-{number:03}.npy", array[start : start + rows], allow_pickle=False)


def _examples(place: Path) -> Examples:
    return Examples(*(_read_pieces(place, name) for name in Examples._fields))


def _read_pieces(place: Path, name: str) -> NDArray[Any]:
    pieces = sorted(place.glob(f"{name}-*.npy"))
    if not pieces:
        raise ValueError(f"{place} has no {name}-000.npy; expected the pool that the import wrote")
    return np.concatenate([np.load(piece, allow_pickle=False) for piece in pieces])


def _first(examples: Examples, size: int, part: Part) -> Examples:
    if size > len(examples.labels):
        found = len(examples.labels)
        raise ValueError(f"data.sizes.{part} is {size}; expected at most {found}, which the pool holds")
    return Examples(examples.inputs[:size], examples.labels[:size])
