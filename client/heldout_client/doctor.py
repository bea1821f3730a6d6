"""`heldout doctor`: what is missing on this machine, and how to get it."""

from collections.abc import Callable, Iterable
from importlib.metadata import entry_points

import typer
from rich.console import Console
from rich.table import Table

CHECKS = "heldout.checks"

Finding = tuple[str, bool, str, str]
"""Name, whether it is well, what was found, and what to do about it."""


def findings(check: Callable[[], Iterable[Finding]], name: str) -> list[Finding]:
    """Run one group of checks; a group that cannot run at all is a finding itself.

    Raises ImportError where the part that it is about is not installed.
    """
    try:
        return list(check())
    except ImportError:
        raise
    except Exception as error:
        return [(name, False, f"{type(error).__name__}: {error}", "mend this first")]


def table_of(title: str, rows: list[Finding]) -> Table:
    """One group of findings for a person to read."""
    table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, well, found, fix in rows:
        mark = "[green]✓[/green]" if well else "[red]✗[/red]"
        table.add_row(mark, name, found if well else f"{found}\n[yellow]{fix}[/yellow]")
    return table


def doctor() -> None:
    """Check the settings and the machine; exit with 1 when something is missing."""
    console, healthy = Console(highlight=False), True
    for entry_point in sorted(entry_points(group=CHECKS), key=lambda entry: entry.name):
        try:
            rows = findings(entry_point.load(), entry_point.name)
        except ImportError as error:
            console.print(f"\n{entry_point.name}: not installed ({error.name})")
            continue
        healthy = healthy and all(well for _, well, _, _ in rows)
        console.print()
        console.print(table_of(entry_point.name, rows))
    if not healthy:
        raise typer.Exit(1)
