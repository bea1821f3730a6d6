"""The settings of a worker, from the environment."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path


class Missing(Exception):
    """A setting is not there. Names it and says what it means."""


@dataclass(frozen=True)
class Settings:
    """What a worker must be told: where messages, blobs and hidden sets are, and its own name."""

    broker_url: str
    blobs: Path
    hidden: Path
    name: str


def _needed(name: str, meaning: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise Missing(f"{name} is not set; expected {meaning}")
    return value


def read() -> Settings:
    """Read the environment. Raises `Missing`."""
    return Settings(
        broker_url=_needed("HELDOUT_BROKER_URL", "the broker's URL, as redis://localhost:6379/0"),
        blobs=Path(_needed("HELDOUT_BLOBS", "the folder of blobs that the site and its workers share")),
        hidden=Path(_needed("HELDOUT_HIDDEN", "the folder of hidden sets, which only workers may read")),
        name=os.environ.get("HELDOUT_WORKER_NAME") or socket.gethostname(),
    )
