"""The site's own commands under `heldout`."""

import os
from typing import Annotated

import typer


def rebuild_standings(
    event: Annotated[str | None, typer.Option(help="Only the event with this slug.")] = None,
) -> None:
    """Make every standing anew from scored submissions. Nothing changes unless a row was wrong."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heldout.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError, call_command

    try:
        django.setup()
        call_command("rebuild_standings", event=event)
    except (CommandError, ImproperlyConfigured) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
