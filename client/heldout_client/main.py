"""The `heldout` command. Each part of the distribution brings its own commands as entry points."""

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from typer.core import TyperGroup

from heldout_client import chosen

COMMANDS = "heldout.commands"
OURS = ("challenges", "heldout", "heldout_client", "scoring")
NOT_HERE = "Its part of the distribution is not installed."
ANYTHING = {"ignore_unknown_options": True, "allow_extra_args": True}


def what_is_missing(entry_point: EntryPoint, error: ImportError) -> str:
    """Which extra a command needs, as a sentence."""
    extra = entry_point.extras[0] if entry_point.extras else "site,worker"
    return (
        f"`heldout {entry_point.name}` needs {error.name or 'a part'}, which is not installed. "
        f"Install it with: pip install 'heldout[{extra}]'"
    )


def load(entry_point: EntryPoint) -> Any:
    """Import one command: a typer app with commands of its own, or a plain function.

    One whose part is not installed says so when it is called, so that the others can still be listed.
    """
    try:
        loaded = entry_point.load()
    except ImportError as error:
        loaded = _missing(what_is_missing(entry_point, error))
    if not isinstance(loaded, typer.Typer):
        app = typer.Typer(add_completion=False)
        app.command(entry_point.name, context_settings=ANYTHING if loaded.__doc__ == NOT_HERE else None)(
            loaded
        )
        loaded = app
    command = typer.main.get_command(loaded)
    command.name = entry_point.name
    return command


def _missing(words: str) -> Callable[[], None]:
    def missing() -> None:
        typer.echo(words, err=True)
        raise typer.Exit(1)

    missing.__doc__ = NOT_HERE
    return missing


def chosen_challenge() -> str | None:
    """The challenge that `heldout use` chose; its variable is read by the commands themselves."""
    try:
        return chosen.found().challenge or None
    except chosen.Damaged as error:
        raise typer.BadParameter(str(error)) from error


CHOSEN = {"score": {"challenge": chosen_challenge}}
"""What stands for options that are not given, of commands that other parts of the distribution bring."""


class Commands(TyperGroup):
    """Commands are imported when they are called. (`Any`: typer's own copy of click is private.)"""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all installed commands."""
        return sorted(entry_points(group=COMMANDS).names)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import the command of that name."""
        found = [entry for entry in entry_points(group=COMMANDS) if entry.name == cmd_name]
        return load(found[0]) if found else None

    def invoke(self, ctx: Any) -> Any:
        """Run a command; one that finds only then that a library is missing says so, too."""
        ctx.default_map = CHOSEN
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] in OURS:
                raise
            called = next(
                each for each in entry_points(group=COMMANDS) if each.name == ctx.invoked_subcommand
            )
            typer.echo(what_is_missing(called, error), err=True)
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=Commands, no_args_is_help=True, help="Machine-learning challenges on data that stays hidden."
)


@app.callback()
def heldout() -> None:
    """Machine-learning challenges on data that stays hidden."""
