"""Splits that keep groups together and the share of each class even.

Groups are taken one after another, the largest first and otherwise at random, and each goes where most of
what it holds is still wanted: the greedy way of Sechidis, Tsoumakas and Vlahavas (2011), "On the
stratification of multi-label data", with groups in the place of examples.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Presence = NDArray[np.int64]
"""How much of each stratum an example holds, [n, strata]: of each class, or of each range of values."""
LEFT_OUT = -1
TRIES = 50


class CannotSplit(ValueError):
    """No way was found to split so that each class is everywhere; the text says what is wanted."""


def shared_out(
    presence: Presence, groups: NDArray[np.int64], shares: Sequence[float], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Give each example the number of a split, int64 [n], close to `shares`. No group is torn apart."""
    wanted = _wanted(presence, np.array(shares) / sum(shares))
    have = np.zeros_like(wanted)
    split = np.zeros(len(groups), np.int64)
    for members in _in_order(groups, rng):
        holds = _holds(presence, members)
        chosen = int(np.argmax(_need(wanted, have, holds)))
        split[members] = chosen
        have[chosen] += holds
    return split


def drawn(
    presence: Presence,
    groups: NDArray[np.int64],
    sizes: Sequence[int],
    rng: np.random.Generator,
    *,
    turns: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Give each example the number of a split, or -1 for left out, such that splits have exactly `sizes`.

    No group is in two splits; of the last group that enters one, only as many members as there is room for,
    those with the lowest `turns` first.
    Raises CannotSplit when no draw has something of each stratum in each split.
    """
    count, largest = len(groups), int(np.bincount(groups).max(initial=1))
    if sum(sizes) + (largest - 1) * (len(sizes) - 1) > count:
        found = f"{' and '.join(map(str, sizes))} examples are wanted of {count} in groups of up to {largest}"
        raise CannotSplit(f"{found}; expected at most {count - (largest - 1) * (len(sizes) - 1)} in all")
    everywhere = presence.sum(0) > 0
    for _ in range(TRIES):
        split = _drawn_once(presence, groups, sizes, turns, rng)
        held = np.stack([presence[split == number].sum(0) for number in range(len(sizes))])
        if (held[:, everywhere] > 0).all():
            return split
    raise CannotSplit(f"no class may be missing in a split, but {TRIES} draws left one out each time")


def _drawn_once(
    presence: Presence,
    groups: NDArray[np.int64],
    sizes: Sequence[int],
    turns: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    room = np.array(sizes)
    wanted = _wanted(presence, room / room.sum())
    have = np.zeros_like(wanted)
    split = np.full(len(groups), LEFT_OUT, np.int64)
    for members in _in_order(groups, rng):
        if not room.any():
            break
        need = np.where(room > 0, _need(wanted, have, _holds(presence, members)), -np.inf)
        chosen = int(np.argmax(need))
        taken = members[np.argsort(turns[members], kind="stable")][: room[chosen]]
        split[taken] = chosen
        have[chosen] += _holds(presence, taken)
        room[chosen] -= len(taken)
    return split


def _in_order(groups: NDArray[np.int64], rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """The members of each group, in random order; the groups too, but larger ones first."""
    shuffled = rng.permutation(len(groups))
    ordered = shuffled[np.argsort(groups[shuffled], kind="stable")]
    counts = np.bincount(groups)
    members = np.split(ordered, np.cumsum(counts[counts > 0])[:-1])
    order = rng.permutation(len(members))
    return [members[number] for number in sorted(order.tolist(), key=lambda number: -len(members[number]))]


def _holds(presence: Presence, members: NDArray[np.int64]) -> NDArray[np.float64]:
    """What a group holds of each stratum, and how many examples."""
    return np.append(presence[members].sum(0), len(members)).astype(np.float64)


def _wanted(presence: Presence, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    total = np.append(presence.sum(0), len(presence)).astype(np.float64)
    return np.asarray(shares[:, None] * total)


def _need(
    wanted: NDArray[np.float64], have: NDArray[np.float64], holds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How much each split wants of what a group holds, [splits]."""
    return np.asarray(((wanted - have) / np.maximum(wanted, 1e-9)) @ holds)
