"""What commands share: errors in words, and the exit codes that tell them apart."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from heldout_client.account import NotSignedIn
from heldout_client.api import Refused, Unreachable

REFUSED = 1
NOT_SIGNED_IN = 3
UNREACHABLE = 4


@contextmanager
def or_exit() -> Iterator[None]:
    """Turn what goes wrong into a sentence and an exit code: 1 refused, 3 not signed in, 4 not reached."""
    try:
        yield
    except NotSignedIn as error:
        _exit(str(error), NOT_SIGNED_IN)
    except Refused as error:
        _exit(str(error), NOT_SIGNED_IN if error.is_about_the_token else REFUSED)
    except Unreachable as error:
        _exit(str(error), UNREACHABLE)


def _exit(words: str, code: int) -> None:
    typer.echo(words, err=True)
    raise typer.Exit(code)
