"""Which examples are the same, or nearly so: they must not lie on both sides of a split.

Two pictures are nearly the same when the difference hashes of their thumbnails differ in few bits, and the
thumbnails themselves hardly differ once their mean brightness is taken away. That finds copies that were
encoded or resized again, or made a little brighter; it does not find turned or cut ones.
The hash is that of Neal Krawetz (2013), "Kind of like that".
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

THUMB = 16
"""Height and width of a thumbnail, pixels."""
MOST_BITS = 3
"""Of 64 bits of the hash, so many may differ."""
MOST_DIFFERENCE = 3.0
"""Mean difference of two thumbnails' grey values, of 255."""
BLOCK = 1024
CONFIRMED_AT_ONCE = 65536

Groups = NDArray[np.int64]
"""A number an example; the same number means that they stay together."""


class Look(NamedTuple):
    """What pictures look like from afar: 64-bit hashes [n], and thumbnails, uint8 [n, 16 * 16]."""

    hashes: NDArray[np.uint64]
    thumbs: NDArray[np.uint8]


def no_looks(count: int) -> Look:
    """Room for the looks of `count` pictures."""
    return Look(np.zeros(count, np.uint64), np.zeros((count, THUMB * THUMB), np.uint8))


def look_of(pixels: NDArray[np.uint8]) -> Look:
    """The look of one picture, uint8 [channels, height, width], as arrays of one row."""
    channels_last = np.moveaxis(pixels, 0, -1)
    image = Image.fromarray(
        channels_last[..., 0] if pixels.shape[0] == 1 else np.ascontiguousarray(channels_last)
    )
    grey = image.convert("L")
    thumb = np.asarray(grey.resize((THUMB, THUMB), Image.Resampling.BOX)).reshape(1, -1)
    steps = np.asarray(grey.resize((9, 8), Image.Resampling.BOX), np.int16)
    bits = np.packbits(steps[:, 1:] > steps[:, :-1])
    return Look(bits.view(np.uint64), thumb)


def identical(rows: NDArray[np.generic]) -> Groups:
    """Number the examples so that those with the same bytes have the same number."""
    seen: dict[bytes, int] = {}
    digests = (hashlib.blake2b(np.ascontiguousarray(row).tobytes(), digest_size=16).digest() for row in rows)
    return np.array([seen.setdefault(digest, len(seen)) for digest in digests], np.int64)


def near_pairs(looks: Look) -> NDArray[np.int64]:
    """Find all pairs of pictures that look nearly the same, [pairs, 2], each once.

    Of pictures with the same look, only the first is compared; `identical` has the others.
    """
    whole = np.concatenate([looks.hashes[:, None].view(np.uint8), looks.thumbs], axis=1)
    groups = identical(whole)
    _, first = np.unique(groups, return_index=True)
    again = np.flatnonzero(first[groups] != np.arange(len(groups)))
    same = np.stack([first[groups[again]], again], axis=1)
    hashes, thumbs = looks.hashes[first], looks.thumbs[first].astype(np.int16)
    thumbs = thumbs - thumbs.mean(1, keepdims=True).round().astype(np.int16)
    found = [same]
    for start in range(0, len(first), BLOCK):
        distances = np.bitwise_count(hashes[start : start + BLOCK, None] ^ hashes[None, start:])
        left, right = np.nonzero(distances <= MOST_BITS)
        earlier = left < right
        pairs = np.stack([left[earlier], right[earlier]], axis=1) + start
        found.append(first[_confirmed(pairs, thumbs)])
    return np.concatenate(found)


def _confirmed(pairs: NDArray[np.int64], thumbs: NDArray[np.int16]) -> NDArray[np.int64]:
    """Those pairs whose thumbnails hardly differ."""
    kept = [np.zeros((0, 2), np.int64)]
    for start in range(0, len(pairs), CONFIRMED_AT_ONCE):
        some = pairs[start : start + CONFIRMED_AT_ONCE]
        difference = np.abs(thumbs[some[:, 0]] - thumbs[some[:, 1]]).mean(1)
        kept.append(some[difference <= MOST_DIFFERENCE])
    return np.concatenate(kept)


def united(count: int, numberings: Sequence[Groups], pairs: NDArray[np.int64]) -> Groups:
    """Put together what any numbering or pair puts together; groups are numbered by their first example."""
    parent = list(range(count))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def join(one: int, other: int) -> None:
        first, second = sorted((root(one), root(other)))
        parent[second] = first

    for numbering in numberings:
        first_of: dict[int, int] = {}
        for row, number in enumerate(numbering.tolist()):
            join(first_of.setdefault(number, row), row)
    for one, other in pairs.tolist():
        join(one, other)
    roots = np.array([root(row) for row in range(count)], np.int64)
    return np.unique(roots, return_inverse=True)[1].astype(np.int64)


def crossing(groups: Groups, split: NDArray[np.int64]) -> list[int]:
    """The groups with examples in more than one split."""
    pairs = np.unique(np.stack([groups, split], axis=1), axis=0)
    numbers, counts = np.unique(pairs[:, 0], return_counts=True)
    return [int(number) for number in numbers[counts > 1]]
