"""Boards as bytes: parts that everybody shares, and the little that is a viewer's own put into them."""

from collections.abc import Callable
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.utils import timezone

from heldout.catalog.models import Challenge
from heldout.leaderboards import shelf
from heldout.leaderboards.freezing import Sight, State
from heldout.leaderboards.models import BoardRules
from heldout.leaderboards.queries import BoardRow, BoardView, kept_contents, own_live
from heldout.leaderboards.rules import is_frozen, rules_of
from heldout.leaderboards.tickets import Entry

ROWS = 100
"""How many rows a page of a board has."""


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


def rules_for(entry: Entry) -> BoardRules:
    """The event's rules; without a query once they are kept."""
    return shelf.part(entry.edition, "rules", lambda: _rules(entry.find()))


def _rules(challenge: Challenge) -> BoardRules:
    rules = rules_of(challenge.event)
    # Without its event, which is known from the address.
    return BoardRules(freezes_at=rules.freezes_at, published_at=rules.published_at)


def state_of(entry: Entry) -> State:
    """What this viewer is shown; without a query once the rules are kept."""
    stands = is_frozen(rules_for(entry), timezone.now())
    return "frozen" if stands and not entry.ticket.organizes else "live"


def stands(entry: Entry) -> str:
    """Whether the board stands still for others, as a word among the names of parts."""
    return "still" if is_frozen(rules_for(entry), timezone.now()) else "moving"


def table(entry: Entry, page: int) -> Asked:
    """A page of the board with the viewer's own row."""
    state = state_of(entry)
    name = f"{state}.{stands(entry)}.{page}"
    whole = f"whole.{name}.{entry.ticket.team}"
    return Asked(name, lambda: shelf.near(entry.edition, whole, lambda: _table(entry, state, page).encode()))


def _table(entry: Entry, state: State, page: int) -> str:
    name = f"{state}.{stands(entry)}.{page}"
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
        shared = shelf.part(entry.edition, f"json.{state}.{stands(entry)}", written)
        mine = f'"team_id":{entry.ticket.team},"is_mine":'
        return shared.replace(f"{mine}false", f"{mine}true").encode()

    name = f"json.{state}.{stands(entry)}"
    return Asked(name, lambda: shelf.near(entry.edition, f"{name}.{entry.ticket.team}", own))


def _with_own(shared: str, own: tuple[str, str], team: int) -> str:
    """Mark the viewer's row, and put in the row of another page and what only the own team sees."""
    row, live = own
    marked = shared.replace(f'data-row="{team}" class="', f'data-row="{team}" class="mine ')
    marked = marked.replace(f'<i hidden data-you="{team}"></i>', '<span class="pill good">you</span>')
    return marked.replace("<!--own row-->", row).replace("<!--own live-->", live)


def seen_by_all(challenge: Challenge, state: State) -> Sight:
    """The sight of everybody who is shown the board in that state."""
    rules = rules_of(challenge.event)
    since = rules.freezes_at if is_frozen(rules, timezone.now()) else None
    return Sight(rules, state, since)


def _render(challenge: Challenge, state: State, page: int) -> str:
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


def _own(challenge: Challenge, state: State, page: int, team: int) -> tuple[str, str]:
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
