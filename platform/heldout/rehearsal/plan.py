"""Who hands in what and when: drawn before the event begins, the same for the same seed."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from heldout.rehearsal.sizes import BAD, DAYS, HOSTILE, Sizes
from heldout.rehearsal.stage import Stage, new_tag

Sort = Literal["good", "bad", "hostile"]
Manner = Literal["plain", "slow", "broken"]

SLOW, BROKEN = 0.03, 0.03
"""Shares of uploads that trickle, and that break off once before they are sent again."""
MIX = {"predictions": 0.74, "onnx": 0.12, "sklearn": 0.09, "code": 0.045, "torch": 0.005}
"""Shares of formats among good files. Models cost a box each, predictions cost none."""
REST = 0.08
"""Share of a day at its end in which nothing new is handed in."""


@dataclass(frozen=True)
class HandIn:
    """One file that somebody will hand in."""

    tag: str
    person: int
    team: int
    challenge: str
    file: Path
    sort: Sort
    manner: Manner
    day: int
    at: float
    """Seconds after its day begins."""

    @property
    def format(self) -> str:
        """What kind of file it is, for tables: hostile and bad ones are kinds of their own."""
        return self.file.name.split("-")[0] if self.sort == "good" else self.sort


def draw(sizes: Sizes, stage: Stage, files: dict[str, Path]) -> list[HandIn]:
    """All hand-ins, in the order of their time."""
    rng = random.Random(sizes.seed)  # noqa: S311 - a plan, not a secret
    day_seconds = sizes.seconds / DAYS * (1 - REST)
    shelves = {slug: Shelf(folder, rng) for slug, folder in files.items()}
    sorts = _sorts(sizes.submissions, rng)
    made = []
    for number, sort in enumerate(sorts):
        team = number % sizes.teams
        slug = rng.choice(stage.challenges)
        made.append(
            HandIn(
                tag=new_tag(),
                person=rng.choice(stage.team(team)).number,
                team=team,
                challenge=slug,
                file=shelves[slug].take(sort),
                sort=sort,
                manner=_manner(rng) if "uploads" in sizes.faults else "plain",
                day=rng.randrange(DAYS),
                at=rng.uniform(0, day_seconds),
            )
        )
    return sorted(made, key=lambda hand_in: (hand_in.day, hand_in.at))


def _sorts(count: int, rng: random.Random) -> list[Sort]:
    """Exactly the shares of bad and hostile files, in any order; of few files at least one each."""
    bad, hostile = max(1, round(count * BAD)), max(1, round(count * HOSTILE))
    shares: dict[Sort, int] = {"bad": bad, "hostile": hostile, "good": max(0, count - bad - hostile)}
    sorts = [sort for sort, number in shares.items() for _ in range(number)]
    rng.shuffle(sorts)
    return sorts


def _manner(rng: random.Random) -> Manner:
    drawn = rng.random()
    return "slow" if drawn < SLOW else "broken" if drawn < SLOW + BROKEN else "plain"


class Shelf:
    """The files of a challenge. Each file of predictions is taken once, models more often."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self.rng = rng
        self.bad = sorted((folder / "bad").iterdir())
        self.hostile = sorted((folder / "hostile").iterdir())
        good = sorted((folder / "good").iterdir())
        self.models = {name: [file for file in good if file.name.startswith(f"{name}-")] for name in MIX}
        self.predictions = self.models.pop("predictions")
        self.models = {name: files for name, files in self.models.items() if files}
        self.taken = 0

    def take(self, sort: Sort) -> Path:
        """A file of this sort."""
        if sort != "good":
            return self.rng.choice(self.bad if sort == "bad" else self.hostile)
        names = ["predictions", *self.models]
        [name] = self.rng.choices(names, [MIX[name] for name in names])
        if name != "predictions":
            return self.rng.choice(self.models[name])
        self.taken += 1
        return self.predictions[(self.taken - 1) % len(self.predictions)]
