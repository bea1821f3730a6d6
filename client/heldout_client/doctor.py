"""`heldout doctor`: what is missing on this machine, and how to get it."""

from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import entry_points
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from heldout_client.terminal import AsJson, give

CHECKS = "heldout.checks"

NAMES = ("name", "well", "found", "fix")
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


def doctor(as_json: AsJson = False) -> None:
    """Check the settings and the machine; exit with 1 when something is missing."""
    groups: dict[str, list[Finding]] = {}
    missing: dict[str, str] = {}
    for entry_point in sorted(entry_points(group=CHECKS), key=lambda entry: entry.name):
        try:
            groups[entry_point.name] = findings(entry_point.load(), entry_point.name)
        except ImportError as error:
            missing[entry_point.name] = error.name or "a part"
    give(told(groups, missing), lambda: show(groups, missing), as_json=as_json)
    if not all(well for rows in groups.values() for _, well, _, _ in rows):
        raise typer.Exit(1)


def told(groups: Mapping[str, list[Finding]], missing: Mapping[str, str]) -> list[dict[str, Any]]:
    """The findings as a document: of what is not installed there are none."""
    found: list[dict[str, Any]] = [
        {"part": part, "installed": True, "findings": [dict(zip(NAMES, row, strict=True)) for row in rows]}
        for part, rows in groups.items()
    ]
    return found + [{"part": part, "installed": False, "missing": name} for part, name in missing.items()]


def show(groups: Mapping[str, list[Finding]], missing: Mapping[str, str]) -> None:
    """Print the findings for a person."""
    console = Console(highlight=False)
    for part, rows in groups.items():
        console.print()
        console.print(table_of(part, rows))
    for part, name in missing.items():
        console.print(f"\n{part}: not installed ({name})")
