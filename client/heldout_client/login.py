"""`heldout login` and `heldout logout`."""

from typing import Annotated

import typer

from heldout_client import account
from heldout_client.account import Account
from heldout_client.api import Site
from heldout_client.terminal import or_exit


def login(
    address: Annotated[str, typer.Argument(help="The site, such as https://heldout.example.org")],
    token: Annotated[
        str,
        typer.Option(prompt="Token, from ADDRESS/account/tokens/", hide_input=True, envvar=account.TOKEN),
    ],
) -> None:
    """Check a token of your account and keep it for the other commands, readable for you alone."""
    wanted = Account(address.rstrip("/"), token.strip())
    with or_exit():
        events = Site(wanted).get("/events")
    place = account.keep(wanted)
    names = ", ".join(event["slug"] for event in events) or "none yet"
    typer.echo(f"Signed in to {wanted.site}. Your events: {names}. Kept in {place}.")


def logout() -> None:
    """Forget the token that `login` kept. It still works: revoke it on the site to end it."""
    typer.echo("Forgotten." if account.forget() else "Nothing was kept.")
