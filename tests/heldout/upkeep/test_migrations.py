"""While a new version comes, the old one still serves: a migration must leave it what it uses."""

from collections.abc import Iterator, Sequence

import pytest
from django.apps import apps
from django.db import models
from django.db.migrations import (
    AddField,
    AlterField,
    AlterModelTable,
    CreateModel,
    DeleteModel,
    Migration,
    RemoveField,
    RenameField,
    RenameModel,
)
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models import NOT_PROVIDED

TAKES_AWAY = (RemoveField, RenameField, DeleteModel, RenameModel, AlterModelTable)

BEFORE_THE_FIRST_VERSION = "no version before it was ever given to anybody"
ACCEPTED = {
    "accounts.0004_personal_tokens": BEFORE_THE_FIRST_VERSION,
    "catalog.0002_passing_and_gates": BEFORE_THE_FIRST_VERSION,
    "events.0003_conduct": BEFORE_THE_FIRST_VERSION,
    "leaderboards.0002_freeze": BEFORE_THE_FIRST_VERSION,
    "leaderboards.0003_ties_and_formula": BEFORE_THE_FIRST_VERSION,
    "submissions.0003_rescoring": BEFORE_THE_FIRST_VERSION,
    "submissions.0004_by_token": BEFORE_THE_FIRST_VERSION,
    "teams.0002_meeting": BEFORE_THE_FIRST_VERSION,
}
"""Migrations that the version before cannot live with, and why they may be so: for example since the version
before them uses nothing of it any more (the third step of docs/migrations.md)."""


def of_ours() -> dict[str, Migration]:
    """Every migration of the site's own apps, by app and name."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("heldout.")}
    return {f"{app}.{name}": m for (app, name), m in loader.disk_migrations.items() if app in ours}


def breaks_the_old_version(operations: Sequence[Operation]) -> Iterator[str]:
    """What an old version that still runs trips over: what is gone, and values that it does not give."""
    new = {op.name_lower for op in operations if isinstance(op, CreateModel)}
    for operation in operations:
        on = getattr(operation, "model_name_lower", getattr(operation, "name_lower", ""))
        if on not in new and (trouble := _trouble(operation)):
            yield f"{trouble}: {operation.describe()}"


def _trouble(operation: Operation) -> str:
    if isinstance(operation, TAKES_AWAY):
        return "takes away"
    if isinstance(operation, AddField) and _needs_a_value(operation.field):
        return "asks for a value that the old version does not give"
    if isinstance(operation, AlterField) and _needs_a_value(operation.field):
        return "may ask for a value that the old version does not give"
    return ""


def _needs_a_value(field: "models.Field[object, object]") -> bool:
    """Django's own `default` is given by the new version alone; the column has none."""
    if isinstance(field, models.ManyToManyField | models.GeneratedField):
        return False
    return not field.null and field.db_default is NOT_PROVIDED


@pytest.mark.parametrize("name", sorted(of_ours()))
def test_a_migration_leaves_the_old_version_what_it_uses(name: str) -> None:
    troubles = list(breaks_the_old_version(of_ours()[name].operations))
    hint = "docs/migrations.md says how to do it in steps; what must be so is listed in ACCEPTED"
    assert not troubles or name in ACCEPTED, f"{name}: {troubles}. {hint}"


@pytest.mark.parametrize(
    ("operation", "trouble"),
    [
        (RemoveField("team", "name"), "takes away"),
        (RenameField("team", "name", "title"), "takes away"),
        (DeleteModel("team"), "takes away"),
        (AddField("team", "motto", models.CharField(default="")), "asks for a value"),
        (AddField("team", "motto", models.CharField(db_default="")), ""),
        (AddField("team", "motto", models.CharField(null=True)), ""),
        (AlterField("team", "name", models.CharField(max_length=9)), "may ask for a value"),
    ],
)
def test_what_an_old_version_trips_over_is_told(operation: Operation, trouble: str) -> None:
    told = " ".join(breaks_the_old_version([operation]))
    assert told.startswith(trouble) if trouble else not told


def test_what_is_new_in_the_same_migration_is_nobody_elses_yet() -> None:
    field = models.CharField(default="")
    both = [CreateModel("Motto", []), AddField("motto", "words", field)]
    assert list(breaks_the_old_version(both)) == []
