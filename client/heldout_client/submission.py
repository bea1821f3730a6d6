"""Something that was handed in, as the site last told of it, and waiting for what becomes of it."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

from heldout_client import html
from heldout_client.api import Site
from heldout_client.words import scores

OPEN = ("queued", "running")
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
STAGES = {
    "inspecting": "being inspected",
    "queued": "in the queue",
    "preparing": "being prepared",
    "predicting": "predicting",
    "scoring": "being scored",
    "done": "done",
}


class StillRunning(Exception):
    """Waiting took longer than it may. The submission goes on."""

    def __init__(self, submission: "Submission", seconds: float) -> None:
        self.submission = submission
        super().__init__(
            f"{submission.label} is still {submission.stage_text} after {seconds:g} s. It goes on without "
            f"you: `{submission.wait_again}` waits again."
        )


class Submission:
    """A submission, or a rehearsal: the same words as on its page."""

    def __init__(self, site: Site, event: str, told: Mapping[str, Any]) -> None:
        self._site = site
        self.event = event
        self._told = told

    def __getattr__(self, name: str) -> Any:
        """Whatever else the site tells of it: `number`, `file_name`, `note`, `cost`, `digest`."""
        if name.startswith("_") or name not in self._told:
            raise AttributeError(f"a submission has no {name!r}; it has {', '.join(self._told)}")
        return self._told[name]

    @property
    def id(self) -> str:
        """Its name in addresses."""
        return str(self._told["id"])

    @property
    def state(self) -> str:
        """`queued`, `running`, `scored`, `rejected`, `failed` or `cancelled`."""
        return str(self._told["state"])

    @property
    def is_over(self) -> bool:
        """Whether nothing more becomes of it."""
        return self.state not in OPEN

    @property
    def label(self) -> str:
        """What it is called."""
        return f"{'Rehearsal' if self._told['rehearsal'] else 'Submission'} {self._told['number']}"

    @property
    def split(self) -> str:
        """The split whose score counts for it."""
        return "validation" if self._told["rehearsal"] else "public"

    @property
    def score(self) -> float | None:
        """Its score on that split, with the digits that the interval supports; None unless it was scored."""
        found = self._told["scores"].get(self.split)
        return found["value"] if found else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the score."""
        found = self._told["scores"].get(self.split)
        return (found["low"], found["high"]) if found else None

    @property
    def verdict(self) -> dict[str, Any] | None:
        """Why it was not scored: `title`, `found`, `expected` and `fix`; None if it was, or runs."""
        found = self._told["verdict"]
        return dict(found) if found else None

    @property
    def stage_text(self) -> str:
        """Where it is, in words."""
        stage, place = self._told["stage"], self._told["place"]
        words = STAGES.get(stage, stage)
        return f"{words}, place {place}" if stage == "queued" and place else words

    @property
    def wait_again(self) -> str:
        """The command that waits for it, from any folder."""
        return f"heldout wait {self.id} --event {self.event}"

    def refresh(self) -> Self:
        """Ask the site how it is now."""
        self._told = self._site.get(f"/events/{self.event}/submissions/{self.id}")
        return self

    def wait(
        self, timeout: float | None = None, on_change: Callable[["Submission"], object] | None = None
    ) -> Self:
        """Wait until it is scored, or will not be; `on_change` hears of each step.

        Raises StillRunning after `timeout` seconds.
        """
        for changed in self._changes(timeout):
            if on_change is not None:
                on_change(changed)
        return self

    def _changes(self, timeout: float | None) -> Iterator[Self]:
        """Itself, each time that it has changed: asked for often at first and after a change."""
        began, pause = time.monotonic(), FIRST_PAUSE
        yield self
        while not self.is_over:
            left = None if timeout is None else began + timeout - time.monotonic()
            if left is not None and left <= 0:
                raise StillRunning(self, timeout or 0)
            time.sleep(pause if left is None else min(pause, left))
            before = self._step
            self.refresh()
            pause = min(1.5 * pause, LONGEST_PAUSE)
            if self._step != before:
                pause = FIRST_PAUSE
                yield self

    @property
    def _step(self) -> tuple[Any, ...]:
        return tuple(self._told[name] for name in ("state", "stage", "fraction", "place"))

    def log(self) -> str:
        """What its run printed."""
        return self._site.text(f"/events/{self.event}/submissions/{self.id}/log")

    def submit(self) -> "Submission":
        """Hand in for real what was rehearsed: the same file and note. It costs a try."""
        told = self._site.post(f"/events/{self.event}/submissions/{self.id}/submit")
        return Submission(self._site, self.event, told)

    def to_dict(self) -> dict[str, Any]:
        """All that the site told."""
        return dict(self._told)

    @property
    def outcome(self) -> str:
        """What has become of it, in a line."""
        if self.score is not None and self.interval is not None:
            score, low, high = scores(self.score, *self.interval)
            return f"{score} on the {self.split} split (95 % interval {low} to {high})"
        if self.verdict is not None:
            return f"{self.state}: {self.verdict['title']}"
        return self.state if self.is_over else self.stage_text

    def __repr__(self) -> str:
        return f"<{self.label} to {self._told['challenge']}: {self.outcome}>"

    def _repr_html_(self) -> str:
        verdict = self.verdict or {}
        pairs = [
            ("file", str(self._told["file_name"])),
            ("note", str(self._told["note"])),
            ("state", self.state if self.is_over else f"{self.state}, {self.stage_text}"),
            ("score", self.outcome if self.score is not None else ""),
            *[(name, str(verdict.get(name, ""))) for name in ("title", "found", "expected", "fix")],
        ]
        return html.facts(f"{self.label} to {self._told['challenge']}", pairs)
