"""The settings of a worker, from the environment."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from scoring import bucket
from scoring.bucket import Bucket
from scoring.copies import MOST_BYTES

ALIVE = "HELDOUT_WORKER_ALIVE"


class Missing(Exception):
    """A setting is not there, or makes no sense. Names it and says what it means."""


@dataclass(frozen=True)
class Settings:
    """What a worker must be told: where messages, blobs and hidden sets are, and its own name.

    `alive` is a file that is touched as long as all is well, for a container's health check. With a bucket
    `blobs` holds copies alone, at most so many bytes.
    """

    broker_url: str
    blobs: Path
    hidden: Path
    name: str
    alive: Path | None = None
    bucket: Bucket | None = None
    most_bytes: int = MOST_BYTES


def needed(name: str, meaning: str) -> str:
    """A variable of the environment. Raises `Missing`, which says what it means."""
    value = os.environ.get(name, "")
    if not value:
        raise Missing(f"{name} is not set; expected {meaning}")
    return value


def read() -> Settings:
    """Read the environment. Raises `Missing`."""
    return Settings(
        broker_url=needed("HELDOUT_BROKER_URL", "the broker's URL, as redis://localhost:6379/0"),
        blobs=Path(needed("HELDOUT_BLOBS", "the folder of blobs that the site and its workers share")),
        hidden=Path(needed("HELDOUT_HIDDEN", "the folder of hidden sets, which only workers may read")),
        name=os.environ.get("HELDOUT_WORKER_NAME") or socket.gethostname(),
        alive=Path(found) if (found := os.environ.get(ALIVE, "")) else None,
        bucket=_bucket(),
        most_bytes=_most_bytes(),
    )


def _bucket() -> Bucket | None:
    try:
        address = bucket.address_of(os.environ.get(bucket.STORE, ""))
    except bucket.WrongAddress as error:
        raise Missing(str(error)) from error
    return Bucket(address) if address else None


def _most_bytes() -> int:
    value = os.environ.get("HELDOUT_COPIES_MB", "")
    if value and not value.isdecimal():
        raise Missing(f"HELDOUT_COPIES_MB is {value!r}; expected a number of megabytes")
    return int(value) * 2**20 if value else MOST_BYTES
