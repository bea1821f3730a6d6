"""What the site needs at each moment, asked shortly: for load balancers and whoever restarts containers."""

import logging
from collections.abc import Callable
from functools import cache

import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from heldout import blobs

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 2


class NotReady(Exception):
    """Something that every page needs is not there; the text says what, for the log alone."""


def what_is_missing() -> list[str]:
    """The names of what is not there; each is logged with its reason."""
    return [name for name, check in CHECKS.items() if not _holds(name, check)]


def _holds(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception as error:
        logger.warning("not ready: %s: %s", name, str(error).partition("\n")[0])
        return False
    return True


def database() -> None:
    """It answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def migrations() -> None:
    """Its tables are those of this version. Once they are, they stay so: a later version's fit as well."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise NotReady(f"{len(waiting)} migrations are not applied")


_migrations_once = cache(migrations)


def broker() -> None:
    """The queue and the live channel answer; often they are one server."""
    for url in sorted({settings.REDIS_URL, settings.BROKER_URL}):
        with redis.Redis.from_url(
            url, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS
        ) as client:
            client.ping()


def store() -> None:
    """Files can be put into the store."""
    blobs.store().check()


CHECKS: dict[str, Callable[[], None]] = {
    "database": database,
    "migrations": _migrations_once,
    "broker": broker,
    "store": store,
}
