"""From a source's examples to the parts of a pool: what is alike stays together, and nothing crosses."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from challenges.faults import Fault
from challenges.importers import pool
from challenges.importers.collected import Collected, refuse
from challenges.importers.likeness import Groups, crossing, identical, near_pairs, united
from challenges.importers.pictures import Progress
from challenges.importers.splitting import CannotSplit, drawn, shared_out
from challenges.manifest import Sizes
from challenges.splits import Examples

SMALLEST_HIDDEN = 20
"""Examples that a public and a private split have at least."""
SPLITS = 4
TRIALS = 8
"""Draws of the hidden splits that are tried before the data is said to be fit for any secret."""


@dataclass(frozen=True)
class Shares:
    """Parts of the data that the splits take, in any unit."""

    train: float = 60
    validation: float = 15
    public: float = 10
    private: float = 15


@dataclass(frozen=True)
class Partition:
    """Which example is in which part, and what was found to be alike."""

    part: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
    """A number of `pool.PARTS` an example."""
    groups: Groups
    sizes: Sizes
    identical: int
    """Examples that are the same as an earlier one."""
    near_identical: int
    """Pairs of pictures that look nearly the same."""

    @property
    def largest(self) -> int:
        """Examples of the largest group that stays together."""
        return int(np.bincount(self.groups).max())


def partition(
    collected: Collected, shares: Shares, seed: int, progress: Progress, *, similar: bool = True
) -> Partition:
    """Split a source's examples. `similar` keeps pictures together that look nearly the same.

    Raises BundleError: the same picture with two classes, classes or groups that cannot be in every split.
    """
    same = identical(collected.inputs)
    refuse(list(_contradictions(collected, same)))
    progress("looking for copies", 0.3)
    pairs = np.zeros((0, 2), np.int64)
    if similar and collected.looks is not None:
        pairs = near_pairs(collected.looks)
    progress("looking for copies", 1.0)
    groups = united(len(same), [same, *_named_groups(collected)], pairs)
    refuse(list(_rare(collected, groups)))
    rng = np.random.default_rng(seed)
    parts = (shares.train, shares.validation, shares.public, shares.private)
    four = shared_out(collected.presence, groups, parts, rng)
    part = np.minimum(four, 2)
    refuse(list(_crossings(collected, groups, part)))
    refuse(list(_missing(collected, part)))
    sizes = _sizes(part, groups, shares)
    _try_draws(collected, groups, part, sizes)
    copies = len(same) - len(np.unique(same))
    near = int((same[pairs[:, 0]] != same[pairs[:, 1]]).sum())
    return Partition(part, groups, sizes, copies, near)


def write_pool(collected: Collected, found: Partition, seed: int, folder: Path, progress: Progress) -> None:
    """Write the parts into `folder`, each in an order that says nothing."""
    rng = np.random.default_rng([seed, 1])
    sources: list[tuple[str, str, str]] = []
    for number, name in enumerate(pool.PARTS):
        rows = rng.permutation(np.flatnonzero(found.part == number))
        pool.write_part(folder, name, Examples(collected.inputs[rows], collected.labels[rows]))
        sources += [(name, *collected.origins[row]) for row in rows.tolist()]
        if name == "hidden":
            groups = np.unique(found.groups[rows], return_inverse=True)[1].astype(np.int64)
            turns = _turns(collected)[rows]
            pool.write_hidden_facts(folder, groups, collected.presence[rows], turns)
        progress("writing", (number + 1) / len(pool.PARTS))
    pool.write_sources(folder, sources)


def _turns(collected: Collected) -> Groups:
    return np.zeros(len(collected.labels), np.int64) if collected.turns is None else collected.turns


def _named_groups(collected: Collected) -> Iterator[Groups]:
    """The groups that the source names; an example without one is its own."""
    numbers: dict[str, int] = {}
    names = [origin.group or f"\0{row}" for row, origin in enumerate(collected.origins)]
    yield np.array([numbers.setdefault(name, len(numbers)) for name in names], np.int64)


def _contradictions(collected: Collected, same: Groups) -> Iterator[Fault]:
    """The same picture of two things. Rows of a table may well be alike and differ in what follows."""
    if collected.looks is None or collected.kind not in ("classification", "similarity"):
        return
    shows = collected.labels.reshape(len(collected.labels), -1)[:, 0]
    first: dict[int, int] = {}
    for row, number in enumerate(same.tolist()):
        other = first.setdefault(number, row)
        if shows[row] != shows[other]:
            name = collected.origins[row].name
            expected = f"one; {collected.origins[other].name} is the same picture, in another"
            yield Fault(file=name, field="class", found=repr(name.split("/")[0]), expected=expected)


def _strata(collected: Collected) -> list[str]:
    return collected.strata or collected.classes or [f"values, tenth {number}" for number in range(1, 11)]


def _rare(collected: Collected, groups: Groups) -> Iterator[Fault]:
    """Strata in too few groups to be in every split."""
    for number, name in enumerate(_strata(collected)):
        held = groups[collected.presence[:, number] > 0]
        if (count := len(np.unique(held))) < SPLITS:
            found = f"{len(held)} examples in {count} groups" if len(held) != count else f"{count} examples"
            expected = f"at least {SPLITS} that may be apart, one for each split"
            yield Fault(file="the data", field=f"class {name!r}", found=found, expected=expected)


def _crossings(collected: Collected, groups: Groups, part: Groups) -> Iterator[Fault]:
    """What must never happen, looked for all the same: a group on both sides of a split."""
    for group in crossing(groups, part):
        names = [collected.origins[row].name for row in np.flatnonzero(groups == group)[:3]]
        yield Fault(file=names[0], field="group", found=f"splits that share {names}", expected="one split")


def _missing(collected: Collected, part: Groups) -> Iterator[Fault]:
    for number, name in enumerate(pool.PARTS):
        held = collected.presence[part == number].sum(0)
        for stratum, count in zip(_strata(collected), held, strict=True):
            if count == 0:
                expected = "at least one example; take larger shares or smaller groups"
                yield Fault(file=f"split {name}", field=f"class {stratum!r}", found="none", expected=expected)


def _sizes(part: Groups, groups: Groups, shares: Shares) -> Sizes:
    """What the splits hold. Of the hidden part, so much is spared as keeps groups whole in any draw."""
    counts = Counter(part.tolist())
    held = groups[part == 2]
    spared = int(np.bincount(held).max(initial=1)) - 1
    usable = max(0, len(held) - spared)
    public = round(usable * shares.public / (shares.public + shares.private))
    sizes = {"train": counts[0], "validation": counts[1], "public": public, "private": usable - public}
    refuse(
        [
            Fault(
                file=f"split {name}",
                field="size",
                found=f"{sizes[name]} examples"
                + (f", with {spared} spared to keep groups whole" if spared else ""),
                expected=f"at least {SMALLEST_HIDDEN}; take a larger share or more data",
            )
            for name in ("public", "private")
            if sizes[name] < SMALLEST_HIDDEN
        ]
    )
    return Sizes(**sizes)


def _try_draws(collected: Collected, groups: Groups, part: Groups, sizes: Sizes) -> None:
    """Draw the hidden splits a few times, as secrets will."""
    hidden = part == 2
    held = np.unique(groups[hidden], return_inverse=True)[1].astype(np.int64)
    try:
        for trial in range(TRIALS):
            rng = np.random.default_rng(trial)
            drawn(
                collected.presence[hidden],
                held,
                [sizes.public, sizes.private],
                rng,
                turns=_turns(collected)[hidden],
            )
    except CannotSplit as error:
        refuse([Fault(file="the hidden splits", field="", found=str(error), expected="larger shares")])
