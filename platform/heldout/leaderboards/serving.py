"""Boards as bytes: parts that everybody shares, and the little that is a viewer's own put into them."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.utils import timezone

from heldout.catalog.models import Challenge
from heldout.leaderboards import shelf
from heldout.leaderboards.freezing import Sight, is_published, rules_of
from heldout.leaderboards.queries import BoardRow, BoardView, kept_contents, own_live
from heldout.leaderboards.rules import Shown, shown
from heldout.leaderboards.tickets import Entry

ROWS = 100
"""How many rows a page of a board has."""


class Facts(NamedTuple):
    """What decides how a board is shown, without a query."""

    freezes_at: datetime | None
    published: bool

    def shown(self, now: datetime) -> Shown:
        """Which state of the board everybody sees."""
        return shown(freezes_at=self.freezes_at, published=self.published, now=now)


def answer(request: HttpRequest, entry: Entry, asked: "Asked", content_type: str) -> HttpResponse:
    """The content, or 304 for whoever has it."""
    etag = f'"{entry.edition}.{asked.name}.{entry.ticket.team or 0}"'
    response: HttpResponse = (
        HttpResponseNotModified()
        if etag in request.headers.get("If-None-Match", "")
        else HttpResponse(asked.content(), content_type=content_type)
    )
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def page_of(raw: str | None) -> int:
    """Which page of rows is asked for, from the number of its first row."""
    return max(0, int(raw) // ROWS) if raw and raw.isdecimal() else 0


class Asked(NamedTuple):
    """What a viewer asks for: its name among all that there is of an edition, and how to get it."""

    name: str
    content: Callable[[], bytes]


def state_of(entry: Entry) -> Shown:
    """What everybody is shown; without a query once the facts are kept."""
    facts = shelf.part(entry.edition, "facts", lambda: _facts(entry.find()))
    return facts.shown(timezone.now())


def _facts(challenge: Challenge) -> Facts:
    return Facts(rules_of(challenge.event).freezes_at, is_published(challenge))


def table(entry: Entry, page: int) -> Asked:
    """A page of the board with the viewer's own row."""
    state = state_of(entry)
    name = f"{state}.{page}"
    whole = f"whole.{name}.{entry.ticket.team}"
    return Asked(name, lambda: shelf.near(entry.edition, whole, lambda: _table(entry, state, page).encode()))


def _table(entry: Entry, state: Shown, page: int) -> str:
    name = f"{state}.{page}"
    shared = shelf.part(entry.edition, f"table.{name}", lambda: _render(entry.find(), state, page))
    team = entry.ticket.team
    if team is None:
        return shared
    own = shelf.part(entry.edition, f"own.{name}.{team}", lambda: _own(entry.find(), state, page, team))
    return _with_own(shared, own, team)


def exported(entry: Entry, make: Callable[[BoardView], str]) -> Asked:
    """The whole board as `make` writes it, with the viewer's own row marked."""
    state = state_of(entry)

    def written() -> str:
        challenge = entry.find()
        return make(kept_contents(challenge, seen_by_all(challenge, state)))

    def own() -> bytes:
        shared = shelf.part(entry.edition, f"json.{state}", written)
        mine = f'"team_id":{entry.ticket.team},"is_mine":'
        return shared.replace(f"{mine}false", f"{mine}true").encode()

    name = f"json.{state}"
    return Asked(name, lambda: shelf.near(entry.edition, f"{name}.{entry.ticket.team}", own))


def _with_own(shared: str, own: tuple[str, str], team: int) -> str:
    """Mark the viewer's row, and put in the row of another page and what only the own team sees."""
    row, live = own
    marked = shared.replace(f'data-row="{team}" class="', f'data-row="{team}" class="mine ')
    marked = marked.replace(f'<i hidden data-you="{team}"></i>', '<span class="pill good">you</span>')
    return marked.replace("<!--own row-->", row).replace("<!--own live-->", live)


def seen_by_all(challenge: Challenge, state: Shown) -> Sight:
    """The sight of everybody, while the board is shown in that state."""
    rules = rules_of(challenge.event)
    return Sight(rules, state, rules.freezes_at if state == "frozen" else None)


def _render(challenge: Challenge, state: Shown, page: int) -> str:
    view = kept_contents(challenge, seen_by_all(challenge, state))
    return render_to_string("leaderboards/standings.html", table_context(view, page))


def table_context(view: BoardView, page: int) -> dict[str, object]:
    """What the template of the standings takes."""
    first = page * ROWS
    return {
        "board": view,
        "event": view.challenge.event,
        "rows": view.rows[first : first + ROWS],
        "earlier": max(0, first - ROWS) if page else None,
        "later": first + ROWS if first + ROWS < len(view.rows) else None,
        "first": first + 1,
        "last": min(first + ROWS, len(view.rows)),
    }


def _own(challenge: Challenge, state: Shown, page: int, team: int) -> tuple[str, str]:
    """The own row if it is on another page, and the own team's place since the freeze."""
    seen = seen_by_all(challenge, state)
    view = kept_contents(challenge, seen)
    elsewhere = [row for row in _outside(view, page) if row.team_id == team]
    row = "".join(
        render_to_string("leaderboards/row.html", {"board": view, "row": found, "away": True})
        for found in elsewhere
    )
    since = own_live(challenge, team) if state == "frozen" else None
    live = render_to_string("leaderboards/own_live.html", {"own": since}) if since else ""
    return row, live


def _outside(view: BoardView, page: int) -> list[BoardRow]:
    return view.rows[: page * ROWS] + view.rows[(page + 1) * ROWS :]
