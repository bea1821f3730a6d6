"""`heldout bundle ...`: write, import, check, name and pack the folder that defines a challenge.

Parts of the distribution that this package may not know add their own commands as entry points.
"""

from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from challenges import bundle
from challenges.authoring.cli import new
from challenges.codabench.cli import from_codabench
from challenges.importers.cli import import_
from challenges.terminal import or_exit, report

COMMANDS = "heldout.bundle_commands"
Folder = Annotated[Path, typer.Argument(help="The bundle's folder.")]


class Commands(TyperGroup):
    """The commands below, and those of other parts, which are imported when they are called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all commands."""
        return sorted({*super().list_commands(ctx), *entry_points(group=COMMANDS).names})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name."""
        found = [entry for entry in entry_points(group=COMMANDS) if entry.name == cmd_name]
        return _loaded(found[0]) if found else super().get_command(ctx, cmd_name)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="Write, check, test and pack the folder that defines a challenge.",
)
app.command()(new)
app.command(name="import")(import_)
app.command(name="from-codabench")(from_codabench)


@app.command()
def check(folders: Annotated[list[Path], typer.Argument(help="One or more bundle folders.")]) -> None:
    """Print every fault of each bundle; exit with 1 when there is one."""
    faults = {folder: bundle.check(folder) for folder in folders}
    for folder, found in faults.items():
        report(folder, found)
    if any(faults.values()):
        raise typer.Exit(1)


@app.command()
def digest(folder: Folder) -> None:
    """Print the SHA-256 of the bundle's content."""
    with or_exit(folder):
        typer.echo(bundle.read(folder).digest)


@app.command()
def pack(
    folder: Folder,
    target: Annotated[
        Path | None, typer.Argument(help="The zip to write; else SLUG-VERSION.zip here.")
    ] = None,
    for_teams: Annotated[
        bool,
        typer.Option(
            "--for-teams", help="For scoring at home: without hidden data, hints and coach's guide."
        ),
    ] = False,
) -> None:
    """Write the bundle as one zip, the same bytes for the same content, and print its SHA-256."""
    with or_exit(folder):
        found = bundle.read(folder)
        archive = target or Path(f"{found.manifest.slug}-{found.manifest.version}.zip")
        leave_out = bundle.not_for_teams(found) if for_teams else ()
        typer.echo(bundle.pack(found.folder, archive, leave_out))


def _loaded(entry_point: EntryPoint) -> Any:
    """Import a command that another part of the distribution brings."""
    try:
        function = entry_point.load()
    except ImportError as error:
        needed = entry_point.extras[0] if entry_point.extras else "site,worker"
        typer.echo(
            f"`heldout bundle {entry_point.name}` needs {error.name or 'a part'}, which is not installed. "
            f"Install it with: pip install 'heldout[{needed}]'",
            err=True,
        )
        raise typer.Exit(1) from error
    single = typer.Typer(add_completion=False)
    single.command(entry_point.name)(function)
    return typer.main.get_command(single)
