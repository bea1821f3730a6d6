"""`heldout rehearse-event`: three days of an event within minutes, with faults, and an audit at the end."""

import os
import shutil
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from heldout.demo.supervisor import StartFailed
from heldout.rehearsal import database as databases
from heldout.rehearsal.clock import Clock
from heldout.rehearsal.sizes import QUICK, Sizes, Unplayable, checked, chosen
from heldout.rehearsal.stack import Stack

Database = Literal["auto", "postgresql", "sqlite"]


def rehearse_event(  # noqa: PLR0913, PLR0917 - each is an option of the command
    participants: Annotated[int | None, typer.Option(min=1, help="People who take part.")] = None,
    teams: Annotated[int | None, typer.Option(min=1, help="Teams that they form.")] = None,
    submissions: Annotated[int | None, typer.Option(min=20, help="Files that are handed in.")] = None,
    watchers: Annotated[int | None, typer.Option(min=0, help="People with an open page.")] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.1, help="How long the three days take, if the machine keeps up.")
    ] = None,
    faults: Annotated[
        str | None, typer.Option(help="`all`, `none`, or names with commas between: see docs/rehearsal.md.")
    ] = None,
    database: Annotated[Database, typer.Option(help="auto: PostgreSQL where it is to be had.")] = "auto",
    report: Annotated[Path, typer.Option(help="The report to write, as HTML.")] = Path("rehearsal.html"),
    keep: Annotated[
        Path | None, typer.Option(help="A new folder in which everything of the run stays.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Who does what when, and what goes wrong.")] = 1,
    quick: Annotated[bool, typer.Option("--quick", help="A small event, of about a minute.")] = False,
) -> None:
    """Play an event on this machine, break things on the way, and check every standing at the end.

    The last line is one JSON object. Ends with 1 if a submission was lost or counted twice, or a standing is
    wrong; with 2 for options that cannot be played.
    """
    given: dict[str, Any] = {
        "participants": participants, "teams": teams, "submissions": submissions, "watchers": watchers,
        "minutes": minutes, "faults": None if faults is None else chosen(faults),
    }  # fmt: skip
    wanted = {name: value for name, value in given.items() if value is not None}
    base = QUICK if quick else Sizes()
    try:
        sizes = checked(replace(base, **wanted, database=database, seed=seed))
        folder = new_folder(keep)
    except Unplayable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        clean = rehearse(sizes, folder, report, Console(stderr=True, highlight=False))
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    raise typer.Exit(0 if clean else 1)


def new_folder(keep: Path | None) -> Path:
    """Where the run keeps its files. Raises `Unplayable` for a folder that has something in it."""
    if keep is None:
        return Path(tempfile.mkdtemp(prefix="heldout-rehearsal-"))
    if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise Unplayable(f"--keep: found {keep}, which is not empty; expected a new folder")
    keep.mkdir(parents=True, exist_ok=True)
    return keep.resolve()


def rehearse(sizes: Sizes, folder: Path, report: Path, console: Console) -> bool:
    """Start the platform, play, audit, report; gives whether nothing was lost, wrong or counted twice."""
    try:
        stack = Stack(folder, Clock(folder / "clock"), databases.chosen(sizes.database))
    except databases.NoDatabase as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from error
    try:
        console.print(f"The platform starts in {folder}.")
        stack.start()
        os.environ.update(stack.site_environment)
        import django

        django.setup()
        from heldout.rehearsal.performance import perform

        return perform(stack, sizes, report, console)
    except StartFailed as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from error
    finally:
        stack.stop()
