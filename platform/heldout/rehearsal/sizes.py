"""How large a rehearsal is: what the options of the command say, and what follows from it."""

from dataclasses import dataclass, replace
from typing import Literal

FAULTS = (
    "kill-scoring",
    "kill-worker",
    "kill-site",
    "kill-site-worker",
    "kill-broker",
    "full-disk",
    "restart-database",
    "clock-jump",
    "uploads",
)
"""What goes wrong on the way, by name. `uploads`: some are slow, some break off."""

DAYS = 3
TRIES_PER_DAY = 60
"""Of the bundle that is played with, for a team and a challenge."""
BAD, HOSTILE = 0.10, 0.02


class Unplayable(Exception):
    """No event can be played with these options; the text says what was found and what was expected."""


@dataclass(frozen=True)
class Sizes:
    """One rehearsal."""

    participants: int = 300
    teams: int = 60
    submissions: int = 5000
    watchers: int = 300
    minutes: float = 10.0
    faults: tuple[str, ...] = FAULTS
    database: Literal["auto", "postgresql", "sqlite"] = "auto"
    seed: int = 1
    torch: bool = True
    challenges: int = 3
    rounds: int = 3
    """How often each fault comes."""

    @property
    def seconds(self) -> float:
        """How long the three days are meant to take."""
        return 60 * self.minutes


QUICK = Sizes(
    participants=8,
    teams=4,
    submissions=40,
    watchers=8,
    minutes=0.4,
    faults=("kill-scoring", "kill-site"),
    torch=False,
    challenges=1,
    rounds=1,
)
"""What a test plays in about a minute."""


def checked(sizes: Sizes) -> Sizes:
    """The sizes, if an event can be played with them. Raises `Unplayable`."""
    strange = [name for name in sizes.faults if name not in FAULTS]
    if strange:
        raise Unplayable(
            f"--faults: found {', '.join(strange)}; expected any of {', '.join(FAULTS)}, or none"
        )
    if sizes.participants < sizes.teams:
        raise Unplayable(
            f"found {sizes.participants} participants for {sizes.teams} teams; expected one a team at least"
        )
    most = sizes.teams * sizes.challenges * DAYS * TRIES_PER_DAY // 2
    if sizes.submissions > most:
        raise Unplayable(
            f"found {sizes.submissions} submissions of {sizes.teams} teams; expected at most {most}, since "
            f"a team has {TRIES_PER_DAY} tries a day on each of {sizes.challenges} challenges. "
            "Ask for more teams"
        )
    return replace(sizes, watchers=min(sizes.watchers, sizes.participants))


def chosen(text: str) -> tuple[str, ...]:
    """The faults that `--faults` names: `all`, `none`, or names with commas between."""
    if text == "all":
        return FAULTS
    return tuple(name.strip() for name in text.split(",") if name.strip() not in ("", "none"))
