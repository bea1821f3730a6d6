"""The site's own commands under `heldout`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

HIDDEN = "The folder of hidden sets, where it is to be had: the site itself never reads it."


@contextmanager
def the_site() -> Iterator[None]:
    """The site's settings and models; what is refused or wrong with them ends the command with its words."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heldout.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError

    try:
        django.setup()
        from heldout.events.rules import Refusal
    except ImproperlyConfigured as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    try:
        yield
    except Refusal as refusal:
        typer.echo(f"{refusal.subject} {refusal.text}", err=True)
        raise typer.Exit(1) from refusal
    except (CommandError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def rebuild_standings(
    event: Annotated[str | None, typer.Option(help="Only the event with this slug.")] = None,
) -> None:
    """Make every standing anew from scored submissions. Nothing changes unless a row was wrong."""
    with the_site():
        from django.core.management import call_command

        call_command("rebuild_standings", event=event)


def backup(
    file: Annotated[Path, typer.Argument(help="The archive to write; it must not be there.")],
    hidden: Annotated[Path | None, typer.Option(help=HIDDEN)] = None,
) -> None:
    """Write the whole database and every file into one archive, of one moment, while the site runs."""
    with the_site():
        from heldout.upkeep.backup import back_up

        done = back_up(file, hidden)
    typer.echo(f"{file} holds {done.rows} rows and {done.files} files.")
    for path in done.damaged:
        typer.echo(
            f"{path} is damaged: its content is not that of its name. It cannot be restored.", err=True
        )
    if done.damaged:
        raise typer.Exit(1)


def restore(
    file: Annotated[Path, typer.Argument(help="The archive.", exists=True, dir_okay=False)],
    hidden: Annotated[Path | None, typer.Option(help=HIDDEN)] = None,
) -> None:
    """Bring a backup back into a new, migrated database and an empty store. Nothing is overwritten."""
    with the_site():
        from heldout.upkeep.restore import restore as bring_back

        done = bring_back(file, hidden)
    typer.echo(f"{done.rows} rows and {done.files} files are back.")
    if done.left_out:
        typer.echo(f"{done.left_out} files of hidden sets were left out; --hidden FOLDER brings them back.")


def retention(
    days: Annotated[int, typer.Option(min=1, help="How long files are kept after their end.")] = 30,
    delete: Annotated[bool, typer.Option("--delete", help="Do it; without this, it is only told.")] = False,
) -> None:
    """Tell which files are needed no more, or delete them. Never one that a standing needs."""
    with the_site():
        from django.utils import timezone

        from heldout.upkeep import retention as rules

        now = timezone.now()
        found = rules.superfluous(now, timedelta(days=days))
        for path in found.files:
            typer.echo(str(path))
        others = f"{found.sessions} sessions and {found.deliveries} messages to webhooks"
        size = f"{len(found.files)} files with {found.size / 1e6:.1f} MB, {others}"
        if not delete:
            typer.echo(f"{size} would be deleted. With --delete they are.")
            return
        rules.delete(found, now)
        typer.echo(f"{size} were deleted.")
