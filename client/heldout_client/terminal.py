"""What commands share: how they speak, their errors in words, and the exit codes that tell them apart."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

from heldout_client.account import NotSignedIn
from heldout_client.api import OnProgress, Refused, Unreachable
from heldout_client.artefact import Unfit
from heldout_client.chosen import Damaged, NotChosen
from heldout_client.datafiles import Spoiled
from heldout_client.submission import StillRunning
from heldout_client.words import plain

REFUSED = 1
USAGE = 2
NOT_SIGNED_IN = 3
UNREACHABLE = 4
TIMED_OUT = 5
INTERRUPTED = 130
WIDE = 200
"""Columns of a table that goes into a file or another program: nothing is cut off there."""

CODES: dict[type[Exception], int] = {
    Refused: REFUSED,
    Spoiled: REFUSED,
    OSError: REFUSED,
    LookupError: REFUSED,
    Unfit: USAGE,
    NotChosen: USAGE,
    Damaged: USAGE,
    NotSignedIn: NOT_SIGNED_IN,
    Unreachable: UNREACHABLE,
    StillRunning: TIMED_OUT,
}

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of words.")]


@contextmanager
def or_exit() -> Iterator[None]:
    """Turn what goes wrong into a sentence and an exit code, as `CODES` has it."""
    try:
        yield
    except KeyboardInterrupt:
        say("Stopped.")
        raise typer.Exit(INTERRUPTED) from None
    except tuple(CODES) as error:
        code = next(code for kind, code in CODES.items() if isinstance(error, kind))
        if isinstance(error, Refused) and error.is_about_the_token:
            code = NOT_SIGNED_IN
        say(str(error.args[0]) if isinstance(error, LookupError) else str(error))
        raise typer.Exit(code) from error


def say(words: str) -> None:
    """Tell a person something that is no data: it goes to stderr."""
    typer.echo(plain(words), err=True)


def give(data: Any, show: Callable[[], object], *, as_json: bool) -> None:
    """Give what was asked for: as a document for programs, or as `show` prints it."""
    if as_json:
        typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        show()


def screen(*, error: bool = False) -> Console:
    """Where tables are printed; as wide as they need where nobody looks at it in a window."""
    console = Console(stderr=error, highlight=False)
    if not console.is_terminal:
        console = Console(stderr=error, highlight=False, width=WIDE, soft_wrap=False)
    return console


def table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], own: Sequence[int] = (), title: str = ""
) -> Table:
    """Rows for a person to read; `own` are the numbers of those to bring out."""
    made = Table(*heads, box=None, padding=(0, 2, 0, 0), title=Text(plain(title)) if title else None)
    made.title_justify = "left"
    for number, row in enumerate(rows):
        style = "bold green" if number in own else ""
        made.add_row(*(Text(plain(cell)) for cell in row), style=style)
    return made


@contextmanager
def bar(what: str) -> Iterator[OnProgress]:
    """A bar for bytes, on stderr; nothing where nobody looks."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(True), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(plain(what).replace("[", r"\["), total=None)
        yield lambda through, all_: progress.update(task, completed=through, total=all_)
