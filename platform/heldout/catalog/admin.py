"""Challenges for the people who run the site. Preparing, opening and closing are actions."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from heldout.accounts.models import User
from heldout.audit.admin import ReadOnlyAdmin
from heldout.catalog import actions
from heldout.catalog.models import (
    Attainment,
    BundleVersion,
    Challenge,
    Gate,
    Opening,
    Preparation,
    SignOff,
    Tick,
)
from heldout.events.rules import Refusal


class ActionAdmin(ReadOnlyAdmin):
    """Rows that change by domain actions alone."""

    def act_on_each(
        self, request: HttpRequest, chosen: "QuerySet[Any]", act: Callable[[Any, User], object], done: str
    ) -> None:
        """Call a domain action on each chosen row and say what became of it."""
        actor = cast(User, request.user)
        for row in chosen:
            try:
                act(row, actor)
            except Refusal as refusal:
                self.message_user(request, f"{row}: {refusal}", messages.ERROR)
            else:
                self.message_user(request, f"{row}: {done}.", messages.SUCCESS)


@admin.register(BundleVersion)
class BundleVersionAdmin(ReadOnlyAdmin):
    """Bundles by their content."""

    list_display = ["slug", "version", "digest", "created_at"]


@admin.register(Challenge)
class ChallengeAdmin(ActionAdmin):
    """What an event offers."""

    list_display = ["event", "position", "title", "points", "opened_at", "closes_at"]
    list_filter = ["event"]
    list_select_related = ["event"]
    actions = ["prepare", "open", "close"]

    @admin.action(description="Prepare", permissions=["view"])
    def prepare(self, request: HttpRequest, chosen: "QuerySet[Challenge]") -> None:
        """Build the splits and run the self-test."""
        self.act_on_each(request, chosen, actions.prepare, "is being prepared")

    @admin.action(description="Open", permissions=["view"])
    def open(self, request: HttpRequest, chosen: "QuerySet[Challenge]") -> None:
        """Let teams in."""
        self.act_on_each(request, chosen, actions.open_challenge, "is open")

    @admin.action(description="Close", permissions=["view"])
    def close(self, request: HttpRequest, chosen: "QuerySet[Challenge]") -> None:
        """Take no more submissions."""
        self.act_on_each(request, chosen, actions.close_challenge, "is closed")


@admin.register(Preparation)
class PreparationAdmin(ReadOnlyAdmin):
    """Self-tests."""

    list_display = ["challenge", "state", "tries", "created_at", "finished_at"]
    list_filter = ["state", "challenge"]
    list_select_related = ["challenge"]


@admin.register(Gate)
class GateAdmin(ReadOnlyAdmin):
    """What opens challenges."""

    list_display = ["challenge", "kind", "at", "after", "score"]
    list_select_related = ["challenge", "after"]


@admin.register(Opening, SignOff, Tick)
class WordAdmin(ReadOnlyAdmin):
    """What an organizer or a coach has said of a team on a challenge."""

    list_display = ["at", "team", "challenge", "by"]
    list_filter = ["challenge"]
    list_select_related = ["team", "challenge", "by"]


@admin.register(Attainment)
class AttainmentAdmin(ReadOnlyAdmin):
    """What teams have reached."""

    list_display = ["team", "challenge", "best", "passed_at"]
    list_filter = ["challenge"]
    list_select_related = ["team", "challenge"]
