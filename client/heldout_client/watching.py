"""`heldout board`: a challenge's board, once or as it changes."""

import time
from collections.abc import Iterator
from typing import Annotated, NamedTuple

import typer
from rich.console import Group
from rich.live import Live
from rich.text import Text

from heldout_client import chosen, completing
from heldout_client.api import Site, Unreachable
from heldout_client.board import HEADS, Board
from heldout_client.browse import AnEvent
from heldout_client.hearing import Hearing
from heldout_client.notebook import connect
from heldout_client.terminal import USAGE, AsJson, give, or_exit, say, screen, table
from heldout_client.words import plain

EVERY_SECONDS = 3.0
LONGEST_PAUSE = 30.0
QUIET_SECONDS = 60.0
"""While the site tells of changes, it is asked this often all the same: a board also freezes by the clock."""


class Look(NamedTuple):
    """What a look at the board gave: the board where it has changed, and what is wrong, if anything is."""

    board: Board | None
    fault: str


def board(
    challenge: Annotated[
        str | None, typer.Argument(help="The challenge's short name.", autocompletion=completing.challenges)
    ] = None,
    event: AnEvent = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Stay, and show it as it changes.")] = False,
    every: Annotated[
        float,
        typer.Option(min=0.2, help="Seconds between looks, where the site cannot tell of changes by itself."),
    ] = EVERY_SECONDS,
    as_json: AsJson = False,
) -> None:
    """Show a challenge's board."""
    if watch and as_json:
        say("--watch shows a table as it changes, and --json one document. Give one of them.")
        raise typer.Exit(USAGE)
    with or_exit():
        named, of = chosen.the_challenge(event, challenge)
        site = connect()
        if watch:
            with Hearing(site, named, frozenset({f"board-{of}"})) as hearing:
                _watch(looks(site, f"/events/{named}/challenges/{of}/board", every, hearing))
            return
        found = site.event(named).challenge(of).board()
    give(found.to_dict(), lambda: screen().print(drawn(found)), as_json=as_json)


def drawn(found: Board, fault: str = "") -> Group:
    """A board for a terminal."""
    own = [number for number, row in enumerate(found.rows) if row["is_mine"]]
    below = ["nobody yet"] if not found.rows else []
    if any(row["tied"] for row in found.rows):
        below.append("= shares its rank: not significantly different from the best of it")
    shown = table(HEADS, map(found.cells, found.rows), own)
    notes = [Text(plain(line), style="dim") for line in below]
    return Group(Text(plain(found.title), style="bold"), shown, *notes, Text(plain(fault), style="yellow"))


def looks(site: Site, path: str, every: float, hearing: Hearing | None = None) -> Iterator[Look]:
    """Look again and again, or when `hearing` has a word: a 304 tells nothing new, and a site that is away is
    asked less and less often.

    Raises Refused.
    """
    etag, pause, fault = "", every, ""
    while True:
        try:
            changed = site.changed(path, etag)
            etag, pause, before, fault = changed.etag, every, fault, ""
            if changed.body is not None or before:
                yield Look(Board(changed.body) if changed.body is not None else None, "")
        except Unreachable as error:
            pause = min(2 * pause, LONGEST_PAUSE)
            if str(error) != fault:
                fault = str(error)
                yield Look(None, f"{fault} Trying again.")
        if hearing is None:
            time.sleep(pause)
        else:
            hearing.wait(pause, max(pause, QUIET_SECONDS))


def _watch(seen: Iterator[Look]) -> None:
    """Show the board until Ctrl-C: in place on a terminal, else once for each change."""
    console, last = screen(), None
    try:
        if not console.is_terminal:
            for found, fault in seen:
                if found is not None:
                    console.print(drawn(found))
                elif fault:
                    say(fault)
            return
        with Live(console=console, auto_refresh=False, screen=False) as live:
            for found, fault in seen:
                last = found or last
                live.update(drawn(last, fault) if last else Text(plain(fault), style="yellow"), refresh=True)
    except KeyboardInterrupt:
        return
