"""How the commands of `heldout bundle` speak: faults as a table, and an end with 1."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from challenges.faults import BundleError, Fault


@contextmanager
def or_exit(folder: Path) -> Iterator[None]:
    """Print the faults of a BundleError and end the command; say which library is missing, if one is."""
    try:
        yield
    except BundleError as error:
        report(folder, list(error.faults))
        raise typer.Exit(1) from error
    except ModuleNotFoundError as error:
        typer.echo(f"This needs {error.name}. Install it with: pip install 'heldout[worker]'", err=True)
        raise typer.Exit(1) from error


def report(folder: Path, faults: list[Fault]) -> None:
    """Say what is wrong with what lies in `folder`, or that it is fine."""
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
