"""`heldout bundle ...`: check a challenge's folder, give its digest, pack it."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from challenges import bundle

app = typer.Typer(no_args_is_help=True, help="Check, name and pack the folder that defines a challenge.")
Folder = Annotated[Path, typer.Argument(help="The bundle's folder.")]


@app.command()
def check(folders: Annotated[list[Path], typer.Argument(help="One or more bundle folders.")]) -> None:
    """Print every fault of each bundle; exit with 1 when there is one."""
    faults = {folder: bundle.check(folder) for folder in folders}
    for folder, found in faults.items():
        _report(folder, found)
    if any(faults.values()):
        raise typer.Exit(1)


@app.command()
def digest(folder: Folder) -> None:
    """Print the SHA-256 of the bundle's content."""
    typer.echo(_or_exit(folder).digest)


@app.command()
def pack(folder: Folder, target: Annotated[Path, typer.Argument(help="The zip to write.")]) -> None:
    """Write the bundle as one zip, the same bytes for the same content, and print its SHA-256."""
    typer.echo(bundle.pack(_or_exit(folder).folder, target))


def _or_exit(folder: Path) -> bundle.Bundle:
    try:
        return bundle.read(folder)
    except bundle.BundleError as error:
        _report(folder, list(error.faults))
        raise typer.Exit(1) from error


def _report(folder: Path, faults: list[bundle.Fault]) -> None:
    console = Console()
    if not faults:
        console.print(f"{folder} is fine.", markup=False, highlight=False)
        return
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    console.print(f"{folder} has {count}:", markup=False, highlight=False)
    table = Table("File", "Field", "Found", "Expected", show_lines=True)
    for fault in faults:
        table.add_row(*(_plain(text) for text in (fault.file, fault.field, fault.found, fault.expected)))
    console.print(table)


def _plain(text: str) -> str:
    return escape("".join(char if char.isprintable() else repr(char)[1:-1] for char in text))
