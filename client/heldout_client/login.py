"""`heldout login`, `heldout logout` and `heldout whoami`."""

import socket
import sys
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console

from heldout_client import account, device
from heldout_client.account import Account
from heldout_client.api import Site
from heldout_client.notebook import ConnectedSite, connect
from heldout_client.terminal import REFUSED, TIMED_OUT, AsJson, give, or_exit, say
from heldout_client.words import moment

SCOPES = ("read", "submit")
HERE = ("localhost", "127.0.0.1", "[::1]")


def login(
    address: Annotated[
        str | None,
        typer.Argument(
            metavar="[SITE]",
            help="The site, such as https://heldout.example.org; else that of the last time.",
            envvar=account.SITE,
        ),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            help="For machines: a token from SITE/account/tokens/, or - to read it from stdin.",
            envvar=account.TOKEN,
        ),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What the token may do: read, submit, organize. May be given again."),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser, if there is one.")] = True,
) -> None:
    """Sign in to a site by a code that you confirm in a browser; the other commands use that account.

    What is kept is a token with an end, readable for you alone.
    """
    with or_exit():
        site = with_scheme(address.rstrip("/")) if address else account.last_site()
        secret = _by_code(site, scope or SCOPES, browser) if token is None else _given(token)
        connected = ConnectedSite(Account(site, secret))
        me = connected.me()
        place = account.keep(connected.account)
        # A token that may not read is a token, too.
        slugs = [event.slug for event in connected.events()] if "read" in (me["scopes"] or SCOPES) else []
    say(f"Kept in {place}.")
    typer.echo(f"{me['name']} is signed in to {site}. Events: {', '.join(slugs) or 'none yet'}.")


def logout() -> None:
    """Forget the token that `login` kept. It still works: revoke it on the site to end it."""
    typer.echo("Forgotten." if account.forget() else "Nothing was kept.")


def whoami(as_json: AsJson = False) -> None:
    """Say who you are on the site, in which team, and what your token may do."""
    with or_exit():
        site = connect()
        me = site.me()
    give(
        {"site": site.account.site, **me},
        lambda: typer.echo(introduced(site.account.site, me)),
        as_json=as_json,
    )


def introduced(site: str, me: dict[str, Any]) -> str:
    """Who somebody is, in lines."""
    team = (me.get("team") or {}).get("name")
    lines = [
        f"{me['name']} <{me['email']}> at {site}",
        f"team: {team}" if team else "",
        f"may: {', '.join(me['scopes'])}" if me.get("scopes") else "",
        f"until: {moment(me['expires_at'])}" if me.get("expires_at") else "",
    ]
    return "\n".join(filter(None, lines))


def with_scheme(address: str) -> str:
    """The address as a browser would take it: https, unless it is this machine."""
    if "://" in address:
        return address
    return f"{'http' if address.startswith(HERE) else 'https'}://{address}"


def _given(token: str) -> str:
    return sys.stdin.readline().strip() if token == "-" else token.strip()  # noqa: S105 - no token


def _by_code(address: str, scopes: "list[str] | tuple[str, ...]", browser: bool) -> str:
    """A token that the person confirmed in a browser."""
    if address.startswith("http://") and urlsplit(address).hostname not in ("localhost", "127.0.0.1", "::1"):
        say(f"Careful: {address} is not encrypted. Whoever listens on the way can read your token.")
    site = Site(Account(address, ""))
    request = device.ask(site, f"heldout on {socket.gethostname()}"[:60], scopes)
    say(f"Confirm this code in a browser:  {request.user_code}\n  {request.complete_address}")
    if browser and device.open_browser(request.complete_address):
        say("A browser shows it.")
    try:
        with Console(stderr=True).status("Waiting until you confirm it"):
            return str(device.confirmed(site, request)["token"])
    except device.Denied as denied:
        say(str(denied))
        raise typer.Exit(TIMED_OUT if denied.code == "expired_token" else REFUSED) from denied
