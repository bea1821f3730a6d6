"""A site's events and challenges as Python objects: what a notebook works with, and the commands too."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from heldout_client import account, completing, html
from heldout_client.account import Account
from heldout_client.api import OnProgress, Refused, Site
from heldout_client.artefact import ready
from heldout_client.board import Board
from heldout_client.datafiles import DataFile, fetch
from heldout_client.sending import hand_in
from heldout_client.submission import Submission


def connect(site: str | None = None, token: str | None = None) -> "ConnectedSite":
    """The site that `heldout login` signed in to, or the one named here.

    Raises NotSignedIn where neither names a site and a token.
    """
    if token is None:
        return ConnectedSite(account.known(site))
    return ConnectedSite(Account((site or account.last_site()).rstrip("/"), token))


class ConnectedSite(Site):
    """A site, seen with your account."""

    def me(self) -> dict[str, Any]:
        """Who you are there, and what your token may do."""
        return dict(self.get("/me"))

    def events(self) -> list["Event"]:
        """The events that you take part in, newest first."""
        found = [Event(self, told) for told in self.items("/events")]
        completing.remember_events(self.account.site, [event.slug for event in found])
        return found

    def event(self, slug: str) -> "Event":
        """One of your events, by its short name."""
        return Event(self, {"slug": slug})

    def __repr__(self) -> str:
        return f"<Heldout at {self.account.site}>"

    def _repr_html_(self) -> str:
        rows = [(event.slug, event.name, event.starts_at, event.ends_at) for event in self.events()]
        return html.table(f"Your events at {self.account.site}", ("event", "name", "starts", "ends"), rows)


class Event:
    """An event, by its short name; the rest is asked for when it is looked at."""

    def __init__(self, site: Site, told: Mapping[str, Any]) -> None:
        self._site = site
        self._told = told
        self.slug: str = told["slug"]

    def __getattr__(self, name: str) -> Any:
        """What the site tells of it: `name`, `time_zone`, `starts_at`, `ends_at`, `venue`, `team`."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._told:
            self._told = self._site.get(f"/events/{self.slug}")
        if name not in self._told:
            raise AttributeError(f"the event {self.slug!r} has no {name!r}; it has {', '.join(self._told)}")
        return self._told[name]

    def challenges(self) -> list["Challenge"]:
        """Its challenges in order; a locked one has little more than a title."""
        told = self._site.items(f"/events/{self.slug}/challenges")
        found = [Challenge(self._site, self.slug, each) for each in told]
        completing.remember_challenges(self._site.account.site, self.slug, [each.slug for each in found])
        return found

    def challenge(self, slug: str) -> "Challenge":
        """One of its challenges, by its short name; one that is locked for you has little more than a title.

        Raises Refused where there is none.
        """
        try:
            told = self._site.get(f"/events/{self.slug}/challenges/{slug}")
        except Refused as refused:
            locked = [each for each in self.challenges() if each.slug == slug] if refused.is_not_found else []
            if not locked:
                raise
            return locked[0]
        return Challenge(self._site, self.slug, told)

    def board(self) -> dict[str, Any]:
        """The event's own board: points for what was passed."""
        return dict(self._site.get(f"/events/{self.slug}/board"))

    def submission(self, id: str) -> Submission:
        """One submission, by its id. Raises Refused where you may not see it."""
        return Submission(self._site, self.slug, self._site.get(f"/events/{self.slug}/submissions/{id}"))

    def to_dict(self) -> dict[str, Any]:
        """All that the site told."""
        return dict(self._told)

    def __repr__(self) -> str:
        return f"<Event {self.slug}>"

    def _repr_html_(self) -> str:
        rows = [each.cells for each in self.challenges()]
        return html.table(f"The challenges of {self.slug}", Challenge.HEADS, rows)


class Challenge:
    """A challenge of an event."""

    HEADS = ("challenge", "title", "state", "takes", "metric", "pass at", "tries a day")

    def __init__(self, site: Site, event: str, told: Mapping[str, Any]) -> None:
        self._site = site
        self.event = event
        self._told = told
        self.slug: str = told["slug"]

    def __getattr__(self, name: str) -> Any:
        """What the site tells of it: `title`, `state`, `statement`, `formats`, `metric`, `pass_score`."""
        if name.startswith("_") or name not in self._told:
            raise AttributeError(f"a challenge has no {name!r}; it has {', '.join(self._told)}")
        return self._told[name]

    @property
    def _path(self) -> str:
        return f"/events/{self.event}/challenges/{self.slug}"

    def submit(
        self, file: str | Path, note: str = "", *, on_progress: OnProgress | None = None
    ) -> Submission:
        """Hand in a file, or a folder of code. It costs a try; `wait()` for what comes of it."""
        return self._hand_in(file, note, on_progress, rehearsal=False)

    def rehearse(
        self, file: str | Path, note: str = "", *, on_progress: OnProgress | None = None
    ) -> Submission:
        """Run a file on the validation split alone: it costs no try and is on no board."""
        return self._hand_in(file, note, on_progress, rehearsal=True)

    def _hand_in(
        self, file: str | Path, note: str, on_progress: OnProgress | None, *, rehearsal: bool
    ) -> Submission:
        with ready(Path(file), self._told.get("formats") or [], self._told.get("max_mb")) as artefact:
            told = hand_in(
                self._site,
                self.event,
                self.slug,
                artefact,
                note,
                rehearsal=rehearsal,
                on_progress=on_progress,
            )
        return Submission(self._site, self.event, told)

    def submissions(self, limit: int | None = None) -> list[Submission]:
        """What your team has handed in, newest first."""
        told: Iterator[Any] = self._site.items(f"{self._path}/submissions", limit)
        return [Submission(self._site, self.event, each) for each in told]

    def submission(self, number: int) -> Submission:
        """The one with that number among your team's. Raises LookupError where there is none."""
        for told in self._site.items(f"{self._path}/submissions"):
            if told["number"] == number:
                return Submission(self._site, self.event, told)
        raise LookupError(f"Your team has no submission {number} to {self.slug}.")

    def tries(self) -> dict[str, Any]:
        """Today's tries: `tries_left`, `tries_per_day`, and when new ones come, `resets_at`."""
        told = self._site.get(f"{self._path}/submissions", limit=1)
        return {name: told[name] for name in ("tries_left", "tries_per_day", "resets_at")}

    def board(self) -> Board:
        """The board as it is now."""
        return Board(self._site.get(f"{self._path}/board"))

    def files(self) -> list[DataFile]:
        """What your team is given: data and starters."""
        told = self._told if "files" in self._told else self._site.get(self._path)
        return [DataFile.of(each) for each in told["files"]]

    def download(
        self, to: str | Path = ".", *, replace: bool = False, on_progress: OnProgress | None = None
    ) -> list[Path]:
        """Bring its files into a folder; what is there whole already is left alone."""
        return [
            fetch(self._site, file, Path(to), replace=replace, on_progress=on_progress).path
            for file in self.files()
        ]

    @property
    def cells(self) -> tuple[str, ...]:
        """A row as it is shown."""
        told = self._told
        passes = "" if told.get("pass_score") is None else f"{told['pass_score']:g}"
        opens = f" (opens: {' or '.join(told['opens'])})" if told.get("opens") else ""
        return (
            self.slug,
            told["title"],
            f"{told['state']}{opens}",
            ", ".join(told.get("formats") or []),
            told.get("metric_label") or "",
            passes,
            str(told.get("quota_per_day") or ""),
        )

    def to_dict(self) -> dict[str, Any]:
        """All that the site told."""
        return dict(self._told)

    def __repr__(self) -> str:
        return f"<Challenge {self.slug} of {self.event}: {self._told['title']}, {self._told['state']}>"

    def _repr_html_(self) -> str:
        pairs = zip(self.HEADS[2:], self.cells[2:], strict=True)
        return html.facts(f"{self._told['title']} ({self.slug})", pairs, str(self._told.get("summary", "")))
