"""`heldout data list` and `heldout data get`: what a team is given."""

from pathlib import Path
from typing import Annotated

import typer

from heldout_client import chosen, completing
from heldout_client.datafiles import Fetched, fetch
from heldout_client.notebook import Challenge, ConnectedSite, connect
from heldout_client.terminal import AsJson, bar, give, or_exit, say, screen, table
from heldout_client.words import size

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="List and download what your team is given for a challenge.",
)

AnEvent = Annotated[
    str | None, typer.Argument(help="The event's short name.", autocompletion=completing.events)
]
AChallenge = Annotated[
    str | None, typer.Argument(help="The challenge's short name.", autocompletion=completing.challenges)
]


def _challenge(site: ConnectedSite, event: str | None, challenge: str | None) -> Challenge:
    """The challenge; a single name is that of one in the chosen event."""
    asked = (None, event) if challenge is None else (event, challenge)
    named, of = chosen.the_challenge(*asked)
    return site.event(named).challenge(of)


@app.command("list")
def list_(event: AnEvent = None, challenge: AChallenge = None, as_json: AsJson = False) -> None:
    """List the files of a challenge."""
    with or_exit():
        files = _challenge(connect(), event, challenge).files()
    rows = [(file.name, size(file.size), file.digest) for file in files]
    shown = table(("file", "size", "SHA-256"), rows)
    give([vars(file) for file in files], lambda: screen().print(shown), as_json=as_json)


@app.command()
def get(
    event: AnEvent = None,
    challenge: AChallenge = None,
    to: Annotated[Path, typer.Option(help="The folder to put them into.")] = Path("."),
    replace: Annotated[
        bool, typer.Option("--replace", help="Write over files of the same name that differ.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Download the files of a challenge; it goes on where it stopped, and checks each file's SHA-256."""
    brought: list[Fetched] = []
    with or_exit():
        site = connect()
        files = _challenge(site, event, challenge).files()
        for file in files:
            with bar(file.name) as on_progress:
                brought.append(fetch(site, file, to, replace=replace, on_progress=on_progress))
            words = "was there already" if brought[-1].what == "there" else "downloaded"
            say(f"{file.name}: {words}, {size(file.size)}, SHA-256 as it should be")
    if not files:
        say("This challenge gives no files.")
    paths = [{"path": str(one.path), "what": one.what} for one in brought]
    give(paths, lambda: typer.echo("\n".join(str(one.path) for one in brought)), as_json=as_json)
