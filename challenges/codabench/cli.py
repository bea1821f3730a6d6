"""`heldout bundle from-codabench`: what a competition of Codabench becomes here, and what it does not."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from challenges.archive import unpack
from challenges.terminal import or_exit

if TYPE_CHECKING:
    from challenges.codabench.carrying import Line


def from_codabench(
    source: Annotated[Path, typer.Argument(help="The competition bundle, version 2: a folder or a zip.")],
    target: Annotated[Path, typer.Argument(help="The bundle's folder, which must not exist yet.")],
    licence: Annotated[str, typer.Option(help="The data's licence, which Codabench does not say.")],
) -> None:
    """Write a bundle from a Codabench competition, and say of each part what became of it.

    None of its programs is ever run. The account is also written into the bundle, as from-codabench.md.
    """
    with or_exit(source), _folder(source) as folder:
        from challenges.codabench.carrying import carry
        from challenges.codabench.competition import opened

        carried = carry(opened(folder), target, licence, lambda stage, share: None)
    _show(carried.account)
    typer.echo(f"{target}: {carried.bundle.manifest.task.kind}, {carried.bundle.manifest.task.metric}")
    typer.echo(f"Next: do what is left by hand, then heldout bundle self-test {target} --adopt")


@contextmanager
def _folder(source: Path) -> Iterator[Path]:
    """The competition's folder, unpacked first where it is a zip."""
    if not source.is_file():
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="heldout-codabench-") as scratch:
        unpack(source, Path(scratch, "competition"))
        yield Path(scratch, "competition")


def _show(account: "list[Line]") -> None:
    table = Table("Found", "What became of it", "", show_lines=True)
    for line in account:
        table.add_row(*(escape("".join(c if c.isprintable() else " " for c in text)) for text in line))
    Console().print(table)
