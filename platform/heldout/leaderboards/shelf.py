"""Finished parts of boards in Redis: made once for each change, then handed out without a query.

A part is kept under its board's *edition*, a name that changes with every change of the board. Whoever makes
a part reads the edition first and the database second, so that what is kept under an edition is never older
than it: a change gets its new edition after it has committed. Parts never change, so each process also keeps
the last ones it has handed out. Without Redis everything is made anew.
"""

import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import redis
from django.core.cache import cache

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
    try:
        found: str | None = cache.get(key)
        if found is None:
            cache.add(key, secrets.token_hex(8), None)
            found = cache.get(key)
    except redis.RedisError as error:
        logger.warning("boards are made without Redis (%s)", error)
        found = None
    return found or secrets.token_hex(8)


def peek(keys: Iterable[str]) -> dict[str, Any]:
    """What is kept under these keys, in one round trip."""
    try:
        return cache.get_many(list(keys))
    except redis.RedisError:
        return {}


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
    cache.set(edition_key(event, challenge), secrets.token_hex(8), None)


def part(edition: str, name: str, make: Callable[[], T]) -> T:
    """A part of an edition, made if it is not there."""
    key = f"board-part:{edition}:{name}"
    if key in _near:
        near: T = _near[key]
        return near
    found: T | None = peek([key]).get(key)
    if found is None:
        found = make()
        _keep(key, found)
    _near[key] = found
    while len(_near) > NEAR:
        _near.popitem(last=False)
    return found


def _keep(key: str, value: object) -> None:
    try:
        cache.set(key, value, SECONDS)
    except redis.RedisError as error:
        logger.warning("a part of a board could not be kept (%s)", error)
