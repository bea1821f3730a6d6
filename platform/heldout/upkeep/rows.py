"""Every row of the database as text that fits any database: SQLite's can be read into PostgreSQL and back."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, time

from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

AT_ONCE = 200

MADE_BY_MIGRATIONS = ("contenttypes.contenttype", "auth.permission")
"""Tables that are not empty in a new database; what a backup has takes their place."""


class Exact(DjangoJSONEncoder):
    """As Django's, but a time keeps its microseconds: who was first decides between equals."""

    def default(self, o: object) -> object:
        """A time as it is; everything else as Django does it."""
        return o.isoformat() if isinstance(o, datetime | time) else super().default(o)


def tables() -> list[type[Model]]:
    """Every model that has rows of its own, in an order that stays the same."""
    models = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    return sorted(models, key=lambda model: model._meta.label_lower)


def lines(model: type[Model]) -> Iterator[str]:
    """The rows of a table, a JSON object a line."""
    found = model._base_manager.order_by("pk").iterator(AT_ONCE)
    for row in found:
        (plain,) = serializers.serialize("python", [row])
        yield json.dumps(plain, cls=Exact) + "\n"


def load(read: Iterable[str]) -> int:
    """Insert rows as they were, in any order of tables; gives their number. Call it in a transaction."""
    count = 0
    for line in read:
        for found in serializers.deserialize("python", [json.loads(line)]):
            found.save(force_insert=True)
            count += 1
    return count


def clear_what_migrations_made() -> None:
    """Make room for the same rows with the numbers that they had."""
    for label in reversed(MADE_BY_MIGRATIONS):
        apps.get_model(label)._base_manager.all().delete()


def first_that_is_not_empty() -> str:
    """The name of a table that has rows which somebody made; empty in a new database."""
    for model in tables():
        if model._meta.label_lower not in MADE_BY_MIGRATIONS and model._base_manager.exists():
            return model._meta.label_lower
    return ""


def reset_sequences() -> None:
    """The next row gets a number after the last one."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables()):
            cursor.execute(statement)


def migrations() -> list[str]:
    """What has been applied, by which the version of the tables is known."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
