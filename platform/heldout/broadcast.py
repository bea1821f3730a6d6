"""Telling open pages what has changed. Anything may publish; only `heldout.live` listens.

A message names its event and, where not everybody may know of it, its team.
"""

import json
import secrets
from functools import cache
from typing import Any, Literal

import redis
from django.conf import settings
from django.db import transaction

Topic = Literal["board", "challenge", "submission", "workers", "help", "notice"]

CHANNEL = "heldout.live"
PATIENCE_SECONDS = 2
"""How long a publisher waits for a broker that does not answer."""


@cache
def connection() -> redis.Redis:
    """One connection pool a process."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS
    )


def publish(topic: Topic, *, event: int | None, team: int | None = None, **data: Any) -> None:
    """Publish at once. No `event` means every event; `team` limits who hears it to that team, its coach
    and the organizers."""
    # Every process hears the same names in the same order, so that a page may go on at another one.
    message = {"id": secrets.token_hex(6), "topic": topic, "event": event, "team": team, "data": data}
    connection().publish(CHANNEL, json.dumps(message))


def publish_on_commit(topic: Topic, *, event: int | None, team: int | None = None, **data: Any) -> None:
    """Publish when the surrounding transaction has committed, so that who hears it also sees it.

    A broker that is away must not undo what is already true in the database, so a failure is
    logged (`robust`) and pages catch up on their next look.
    """
    transaction.on_commit(lambda: publish(topic, event=event, team=team, **data), robust=True)
