"""Whether the site's own worker and its clock run.

The clock puts a task into the queue every few seconds, and the worker that takes it writes down when. So the
age of that word grows as soon as either of them has stopped, or the broker between them.

`python -m heldout.heartbeat` says it by its exit code, for whoever restarts containers.
"""

import logging
import os
import sys
import time

import redis

logger = logging.getLogger(__name__)

KEY = "heldout.heartbeat"
EVERY_SECONDS = 15.0
STOPPED_AFTER_SECONDS = 90.0
"""A long task may delay some beats; nothing delays so many."""


def beat() -> None:
    """Write down that worker and clock run."""
    from heldout.broadcast import connection

    connection().set(KEY, repr(time.time()))


def age() -> float | None:
    """How many seconds ago they ran; None if that was never written, or nobody can say."""
    from heldout.broadcast import connection

    try:
        found = connection().get(KEY)
    except redis.RedisError as error:
        logger.warning("nobody can say whether the site's worker runs: %s", error)
        return None
    return max(0.0, time.time() - float(found)) if isinstance(found, bytes) else None


def runs(seconds: float | None) -> bool:
    """Whether a worker of that age counts as running."""
    return seconds is not None and seconds <= STOPPED_AFTER_SECONDS


def main() -> int:
    """Say it in one line."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heldout.settings")
    django.setup()
    found = age()
    print("never seen" if found is None else f"seen {found:.0f} s ago")
    return 0 if runs(found) else 1


if __name__ == "__main__":
    sys.exit(main())
