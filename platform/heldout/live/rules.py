"""Who hears which message, and under which name. One function decides for every open page."""

import json
from dataclasses import dataclass
from typing import Any

from heldout.broadcast import Topic

LISTENER_HEADER = "X-Heldout-Listener"
"""In it Django tells the stream who listens. It never reaches a browser."""


@dataclass(frozen=True)
class Listener:
    """Whom a connection belongs to, as it was when the page was opened."""

    event: int
    organizer: bool
    teams: frozenset[int]
    """The team that the viewer is in, and those that the viewer coaches."""

    def to_json(self) -> str:
        """As it travels within the process, from Django to the stream."""
        return json.dumps({"event": self.event, "organizer": self.organizer, "teams": sorted(self.teams)})

    @classmethod
    def from_json(cls, text: str) -> "Listener":
        """The listener that `to_json` wrote."""
        facts = json.loads(text)
        return cls(facts["event"], facts["organizer"], frozenset(facts["teams"]))


@dataclass(frozen=True)
class Notice:
    """A message as it came over Redis."""

    topic: Topic
    event: int | None
    team: int | None
    data: dict[str, Any]
    id: str = ""
    """Names it, so that a page can say what it heard last."""


def may_hear(listener: Listener, notice: Notice) -> bool:
    """Whether a message is for this viewer: of the viewer's event, and not private to another team."""
    if notice.event not in (None, listener.event):
        return False
    return notice.team is None or listener.organizer or notice.team in listener.teams


def event_name(notice: Notice) -> str:
    """The name that pages listen to."""
    match notice.topic:
        case "board":
            return f"board-{notice.data['challenge']}"
        case "submission":
            return f"submission-{notice.data['submission']}"
        case "challenge":
            return "challenges"
        case "workers":
            return "workers"
        case "help":
            return "help"
        case "notice":
            return "notices"


def frame(notice: Notice) -> bytes:
    """The message as a server-sent event."""
    name = f"id: {notice.id}\n" if notice.id else ""
    return f"{name}event: {event_name(notice)}\ndata: {json.dumps(notice.data)}\n\n".encode()
