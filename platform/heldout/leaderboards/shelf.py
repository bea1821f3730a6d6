"""Finished parts of boards in Redis: made once for each change, then handed out without a query.

A part is kept under its board's *edition*, a name that changes with every change of the board. Whoever makes
a part reads the edition first and the database second, so that what is kept under an edition is never older
than it: a change gets its new edition after it has committed. Parts never change, so each process also keeps
the last ones it has handed out. Without Redis everything is made anew.
"""

import logging
import pickle
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import redis

from heldout.broadcast import connection
from heldout.catalog.models import Challenge
from heldout.events.models import Event

logger = logging.getLogger(__name__)
T = TypeVar("T")

SECONDS = 3600
"""A part that nobody looks at goes."""
NEAR = 64
"""How many parts a process keeps itself: pages of some ten kilobytes."""

_near: OrderedDict[str, Any] = OrderedDict()


def edition_key(event: str, challenge: str) -> str:
    """Where the edition of a board is, by the slugs in its address; the event's own has no second."""
    return f"board-edition:{event}:{challenge}"


def edition(event: str, challenge: str) -> str:
    """The name of the board's present state; a new one where there is none."""
    key = edition_key(event, challenge)
    found: str | None = peek([key]).get(key)
    if found is None:
        write(key, secrets.token_hex(8), only_if_missing=True)
        found = peek([key]).get(key)
    return found or secrets.token_hex(8)


def peek(keys: Iterable[str]) -> dict[str, Any]:
    """What is kept under these keys, in one round trip; nothing without Redis.

    The client is asked itself: Django's cache makes a new one for each call, which costs as much as the rest.
    """
    names = list(keys)
    try:
        found = connection().mget(names)
    except redis.RedisError as error:
        logger.warning("boards are made without Redis (%s)", error)
        return {}
    # Only the site itself writes there, as with Django's own cache.
    pairs = zip(names, found, strict=True)
    return {name: pickle.loads(raw) for name, raw in pairs if isinstance(raw, bytes)}  # noqa: S301


def write(key: str, value: object, seconds: int | None = None, *, only_if_missing: bool = False) -> None:
    """Keep something for so many seconds, or for good."""
    try:
        connection().set(key, pickle.dumps(value), ex=seconds, nx=only_if_missing)
    except redis.RedisError as error:
        logger.warning("a part of a board could not be kept (%s)", error)


def forget(challenge: Challenge) -> None:
    """The challenge's board has changed, and the change has committed."""
    renew(challenge.event.slug, challenge.slug)
    renew(challenge.event.slug, "")


def forget_event(event: Event) -> None:
    """Every board of the event has changed, the event's own among them."""
    for slug in ["", *Challenge.objects.filter(event=event).values_list("slug", flat=True)]:
        renew(event.slug, slug)


def renew(event: str, challenge: str) -> None:
    """Give the board of these slugs a new edition."""
    write(edition_key(event, challenge), secrets.token_hex(8))


def part(edition: str, name: str, make: Callable[[], T]) -> T:
    """A part of an edition, made if it is not there."""
    key = f"board-part:{edition}:{name}"

    def fetch() -> T:
        found: T | None = peek([key]).get(key)
        if found is None:
            found = make()
            write(key, found, SECONDS)
        return found

    return near(edition, name, fetch)


def near(edition: str, name: str, make: Callable[[], T]) -> T:
    """As `part`, for what is quickly made of other parts: only this process keeps it."""
    key = f"{edition}:{name}"
    found: T | None = _near.get(key)
    if found is None:
        found = _near[key] = make()
        while len(_near) > NEAR:
            _near.popitem(last=False)
    return found
