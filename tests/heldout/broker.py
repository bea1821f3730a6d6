"""What lies in the broker's queues."""

import json
from typing import Any

import redis
from django.conf import settings


def link() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)


def jobs_in(queue: str) -> list[dict[str, Any]]:
    """The jobs in a queue, the first one first, as their JSON says."""
    raw = link().lrange(queue, 0, -1)
    return [json.loads(_body(message)) for message in reversed(raw)]


def _body(message: bytes | str) -> str:
    import base64

    envelope = json.loads(message)
    args = json.loads(base64.b64decode(envelope["body"]))[0]
    return str(args[0])


def empty() -> None:
    """Lose everything, as a broker does that restarts without its disk."""
    link().flushall()
