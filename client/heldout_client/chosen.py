"""Which event and challenge a command is about, where it does not say: the nearest place that names one.

An option comes before the environment, this before the `heldout.toml` of the folder or one above it, and
that before what `heldout use` keeps for all folders.
"""

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heldout_client import account

EVENT, CHALLENGE = "HELDOUT_EVENT", "HELDOUT_CHALLENGE"
FILE = "heldout.toml"


class NotChosen(Exception):
    """Neither the command nor any of those places names one."""


class Damaged(Exception):
    """A `heldout.toml` cannot be read."""


@dataclass(frozen=True)
class Chosen:
    """An event and a challenge of it; empty where none is named. `by` says where that stands."""

    event: str = ""
    challenge: str = ""
    by: str = ""


def found(event: str | None = None, challenge: str | None = None) -> Chosen:
    """What is chosen. A challenge counts only together with the event that it was chosen for.

    Raises Damaged.
    """
    places = [Chosen(event or "", challenge or "", "the command"), *_places()]
    named = next((place for place in places if place.event), Chosen())
    fitting = (place.challenge for place in places if place.challenge and place.event in ("", named.event))
    return Chosen(named.event, next(fitting, ""), named.by)


def the_event(event: str | None = None) -> str:
    """The chosen event. Raises NotChosen, which says how to choose one."""
    chosen = found(event)
    if not chosen.event:
        raise NotChosen(
            "No event is named. Give --event, or choose one with `heldout use EVENT`; `heldout events` lists "
            "yours."
        )
    return chosen.event


def the_challenge(event: str | None = None, challenge: str | None = None) -> tuple[str, str]:
    """The chosen event and challenge. Raises NotChosen."""
    named = the_event(event)
    chosen = found(named, challenge)
    if not chosen.challenge:
        raise NotChosen(
            f"No challenge of {named} is named. Name one, or choose it with `heldout use {named} CHALLENGE`; "
            f"`heldout challenges {named}` lists them."
        )
    return chosen.event, chosen.challenge


def keep(event: str, challenge: str = "") -> Path:
    """Choose for all folders; gives the file."""
    place = _kept_file()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps({"event": event, "challenge": challenge}), "utf-8")
    return place


def keep_here(event: str, challenge: str = "") -> Path:
    """Choose for this folder and those below; gives the file."""
    lines = [f"event = {json.dumps(event)}", *([f"challenge = {json.dumps(challenge)}"] if challenge else [])]
    place = Path(FILE).resolve()
    place.write_text("\n".join(lines) + "\n", "utf-8")
    return place


def _places() -> Iterator[Chosen]:
    yield Chosen(os.environ.get(EVENT, ""), os.environ.get(CHALLENGE, ""), "the environment")
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            yield _read(folder / FILE)
            break
    try:
        yield _chosen(json.loads(_kept_file().read_text("utf-8")), "`heldout use`")
    except (OSError, ValueError):
        return


def _read(file: Path) -> Chosen:
    try:
        return _chosen(tomllib.loads(file.read_text("utf-8")), str(file))
    except (OSError, ValueError) as error:
        raise Damaged(f"{file} cannot be read: {error}. Mend it, or take it away.") from error


def _chosen(said: Mapping[str, Any], by: str) -> Chosen:
    return Chosen(str(said.get("event", "")), str(said.get("challenge", "")), by)


def _kept_file() -> Path:
    return account.file().with_name("chosen.json")
