"""Calls for help and opened hints, to read."""

from django.contrib import admin

from heldout.audit.admin import ReadOnlyAdmin
from heldout.coaching.models import HelpCall, OpenedHint


@admin.register(HelpCall)
class HelpCallAdmin(ReadOnlyAdmin):
    """Who called for help, and who came."""

    list_display = ["at", "team", "challenge", "words", "claimed_by", "closed_at"]
    list_select_related = ["team", "challenge", "claimed_by"]


@admin.register(OpenedHint)
class OpenedHintAdmin(ReadOnlyAdmin):
    """Which hints were opened for whom."""

    list_display = ["at", "team", "challenge", "title", "by"]
    list_select_related = ["team", "challenge", "by"]
