"""What the rehearsal knows by itself: which uploads were accepted, and when each came to its end.

It is kept outside the platform, by the machine's own clock, so that the audit has something to compare with.
"""

import json
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from heldout.rehearsal.plan import HandIn


@dataclass
class Accepted:
    """An upload that the platform took: it answered 201, or showed the submission afterwards."""

    tag: str
    submission: str
    number: int
    team: int
    challenge: str
    digest: str
    sort: str
    format: str
    created_at: str
    """When it was handed in, as the platform says."""
    at: float
    """Seconds after the event began."""
    by_look: bool
    """The answer was lost, and the submission was found afterwards."""
    ended: float | None = None


@dataclass(frozen=True)
class Sample:
    """How things stand at a moment."""

    at: float
    accepted: int
    ended: int


@dataclass
class Ledger:
    """Safe to use from several threads."""

    began: float = field(default_factory=time.monotonic)
    accepted: dict[str, Accepted] = field(default_factory=dict)
    """By the submission's id."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Hand-ins that were never taken, and why."""
    troubles: dict[str, int] = field(default_factory=dict)
    """What went wrong between the crowd and the platform, and was tried again."""
    samples: list[Sample] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[int, int] = {}
        self._ended = 0

    @property
    def now(self) -> float:
        """Seconds since the event began."""
        return time.monotonic() - self.began

    def accept(self, hand_in: HandIn, answer: dict[str, Any], digest: str, *, by_look: bool) -> None:
        """An upload was taken."""
        taken = Accepted(
            tag=hand_in.tag, submission=answer["id"], number=answer["number"], team=hand_in.team,
            challenge=hand_in.challenge, digest=digest, sort=hand_in.sort, format=hand_in.format,
            created_at=answer["created_at"], at=self.now, by_look=by_look,
        )  # fmt: skip
        with self._lock:
            self.accepted[taken.submission] = taken
            self._open[taken.team] = self._open.get(taken.team, 0) + 1

    def refuse(self, hand_in: HandIn, why: str) -> None:
        """An upload will never be taken."""
        with self._lock:
            self.refused.append((hand_in.tag, why))

    def trouble(self, what: str) -> None:
        """Something was tried again."""
        with self._lock:
            self.troubles[what] = self.troubles.get(what, 0) + 1

    def end(self, submission: str) -> None:
        """A submission has come to its end."""
        with self._lock:
            taken = self.accepted[submission]
            if taken.ended is None:
                taken.ended = self.now
                self._ended += 1
                self._open[taken.team] -= 1

    def open_of(self, team: int) -> int:
        """How many of a team's submissions are on their way."""
        return self._open.get(team, 0)

    def waiting(self) -> list[str]:
        """The accepted submissions that have not come to their end."""
        with self._lock:
            return [name for name, taken in self.accepted.items() if taken.ended is None]

    @property
    def ended(self) -> int:
        """How many have come to their end."""
        return self._ended

    def sample(self) -> None:
        """Note how things stand."""
        self.samples.append(Sample(self.now, len(self.accepted), self._ended))

    def write(self, file: Path) -> None:
        """Keep it for whoever wants to look closer."""
        with file.open("w") as out:
            for taken in self.accepted.values():
                out.write(json.dumps(asdict(taken)) + "\n")
