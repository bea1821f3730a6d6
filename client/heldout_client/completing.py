"""Names of events and challenges for the shell's completion, from what was listed before."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from heldout_client import account, chosen

ASK_SECONDS = 2.0
"""A shell that completes does not wait longer for a site that was never asked."""


def cache_folder() -> Path:
    """Where the client keeps what it can ask for again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "heldout")


def remember_events(site: str, slugs: Sequence[str]) -> None:
    """Keep the names of your events."""
    kept = _kept(site)
    _write(site, {"events": list(slugs), "challenges": kept.get("challenges", {})})


def remember_challenges(site: str, event: str, slugs: Sequence[str]) -> None:
    """Keep the names of an event's challenges."""
    kept = _kept(site)
    challenges = {**kept.get("challenges", {}), event: list(slugs)}
    _write(site, {"events": kept.get("events", []), "challenges": challenges})


def events(incomplete: str = "") -> list[str]:
    """Your events whose name begins so."""
    site = _site()
    found = _kept(site).get("events") or _asked("/events")
    return [slug for slug in found if slug.startswith(incomplete)]


def challenges(ctx: typer.Context, incomplete: str = "") -> list[str]:
    """The challenges of the event that was typed or chosen, whose name begins so."""
    try:
        event = ctx.params.get("event") or chosen.found().event
    except chosen.Damaged:
        return []
    if not event:
        return []
    found = _kept(_site()).get("challenges", {}).get(event) or _asked(f"/events/{event}/challenges")
    return [slug for slug in found if slug.startswith(incomplete)]


def _asked(path: str) -> list[str]:
    """Names straight from the site. A shell is told nothing of what goes wrong."""
    from heldout_client.api import Refused, Site, Unreachable

    try:
        site = Site(account.known(), patience=0, answers_within=ASK_SECONDS)
        return [str(each["slug"]) for each in site.items(path)]
    except (account.NotSignedIn, Refused, Unreachable):
        return []


def _site() -> str:
    try:
        return account.known().site
    except account.NotSignedIn:
        return ""


def _file() -> Path:
    return cache_folder() / "names.json"


def _all() -> dict[str, Any]:
    try:
        kept = json.loads(_file().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _kept(site: str) -> dict[str, Any]:
    found = _all().get(site, {})
    return found if isinstance(found, dict) else {}


def _write(site: str, names: Mapping[str, Any]) -> None:
    """A cache that cannot be written is no reason to fail."""
    try:
        _file().parent.mkdir(parents=True, exist_ok=True)
        unfinished = _file().with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps({**_all(), site: names}), "utf-8")
        unfinished.replace(_file())
    except OSError:
        return
