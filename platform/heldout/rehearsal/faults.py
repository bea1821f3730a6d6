"""What goes wrong on the way, one thing after another, at times that were drawn before."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from heldout.rehearsal.ledger import Ledger
from heldout.rehearsal.machine import BLOCK, children_of, fill, role_of
from heldout.rehearsal.sizes import Sizes
from heldout.rehearsal.stack import SCORING_WORKERS, Stack

BROKER_DOWN_SECONDS = 3.0
DATABASE_DOWN_SECONDS = 3.0
DISK_FULL_SECONDS = 15.0
JUMP_SECONDS = 90.0
JUMPED_SECONDS = 20.0
BETWEEN_LOOKS = 0.1
BACK_SECONDS = 120.0


@dataclass
class Happened:
    """A fault that came, in seconds after the event began."""

    name: str
    what: str
    at: float
    over: float
    back: float | None
    """When the next submission came to its end after it was over; None if none did for long."""


class Faults(threading.Thread):
    """Brings faults about. Only one is on at a time, so that each is seen for what it does."""

    def __init__(self, stack: Stack, ledger: Ledger, sizes: Sizes) -> None:
        super().__init__(name="faults", daemon=True)
        self.stack, self.ledger = stack, ledger
        self.happened: list[Happened] = []
        self.left_out: dict[str, str] = {}
        self._rng = random.Random(sizes.seed + 1)  # noqa: S311 - when what happens, not a secret
        self._over = threading.Event()
        self._allowed = threading.Event()
        self._todo = self._drawn(sizes)
        self._between = sizes.seconds / (len(self._todo) + 1)

    def _drawn(self, sizes: Sizes) -> list[str]:
        wanted = [name for name in sizes.faults if name in self._ways()]
        for name, why in self._impossible().items():
            if name in wanted:
                wanted.remove(name)
                self.left_out[name] = why
        drawn = []
        for _ in range(sizes.rounds):
            self._rng.shuffle(wanted)
            drawn += wanted
        return drawn

    def _impossible(self) -> dict[str, str]:
        found = {}
        if self.stack.postgres is None:
            found["restart-database"] = "the database is SQLite, which has no server"
        if not self.stack.has_disks:
            found["full-disk"] = "this user may not mount a disk of its own"
        return found

    def _ways(self) -> dict[str, Callable[[], str]]:
        return {
            "kill-scoring": self._kill_scoring,
            "kill-worker": self._kill_worker,
            "kill-site": self._kill_site,
            "kill-site-worker": lambda: self._kill("site-worker"),
            "kill-broker": self._kill_broker,
            "full-disk": self._fill_disk,
            "restart-database": self._restart_database,
            "clock-jump": self._jump,
        }

    def allow(self, *, by_day: bool) -> None:
        """Faults come by day, while people hand in; at night the platform comes to rest."""
        if by_day:
            self._allowed.set()
        else:
            self._allowed.clear()

    def run(self) -> None:
        """Bring about one after another until `stop`."""
        for name in self._todo:
            if self._over.wait(self._between * self._rng.uniform(0.7, 1.0)):
                return
            self._allowed.wait()
            if self._over.is_set():
                return
            self._bring(name)

    def _bring(self, name: str) -> None:
        at = self.ledger.now
        what = self._ways()[name]()
        happened = Happened(name, what, at, self.ledger.now, None)
        self.happened.append(happened)
        happened.back = self._next_end()

    def _next_end(self) -> float | None:
        """When the next submission comes to its end, if it does."""
        before, until = self.ledger.ended, time.monotonic() + BACK_SECONDS
        while self.ledger.ended == before and time.monotonic() < until and not self._over.is_set():
            time.sleep(BETWEEN_LOOKS)
        return self.ledger.now if self.ledger.ended > before else None

    def stop(self) -> None:
        """No more faults."""
        self._over.set()
        self._allowed.set()
        self.join()

    def _kill(self, name: str) -> str:
        self.stack.kill(name)
        return f"kill -9 of {name}"

    def _a_worker(self) -> str:
        return f"scoring-{self._rng.randint(1, SCORING_WORKERS)}"

    def _kill_worker(self) -> str:
        return self._kill(self._a_worker())

    def _kill_site(self) -> str:
        return self._kill(f"site-{self._rng.randint(1, len(self.stack.ports))}")

    def _kill_scoring(self) -> str:
        """Kill what scores and what inspects, but not their supervisor."""
        name, role = self._a_worker(), self._rng.choice(("score", "score", "inspect"))
        for pid in children_of(self.stack.children[name].pid):
            if role_of(pid) == role:
                os.kill(pid, signal.SIGKILL)
        return f"kill -9 of the process that does `{role}` in {name}"

    def _kill_broker(self) -> str:
        with self.stack.down("broker"):
            self.stack.kill("broker")
            time.sleep(BROKER_DOWN_SECONDS)
        return f"kill -9 of the broker, which comes back empty after {BROKER_DOWN_SECONDS:g} s"

    def _restart_database(self) -> str:
        with self.stack.down("database"):
            self.stack.kill("database", signal.SIGQUIT)
            time.sleep(DATABASE_DOWN_SECONDS)
        return f"PostgreSQL ends at once, and recovers after {DATABASE_DOWN_SECONDS:g} s"

    def _fill_disk(self) -> str:
        """Fill the disk of a worker to its last byte, for a while."""
        name = self._a_worker()
        file = self.stack.seen_disk(name) / "fill"
        size = fill(file)
        self._over.wait(DISK_FULL_SECONDS)
        file.unlink(missing_ok=True)
        return f"the disk of {name} is full for {DISK_FULL_SECONDS:g} s, by {size // BLOCK} MB"

    def _jump(self) -> str:
        """Set the site's clock wrong and then right again, as when a machine finds its time server."""
        seconds = self._rng.choice((-JUMP_SECONDS, JUMP_SECONDS))
        self.stack.clock.jump(seconds)
        self._over.wait(JUMPED_SECONDS)
        self.stack.clock.jump(-seconds)
        return f"the site's clock jumps by {seconds:+g} s, and back after {JUMPED_SECONDS:g} s"
