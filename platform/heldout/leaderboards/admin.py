"""Standings, to look at: they follow from scored submissions."""

from django.contrib import admin

from heldout.audit.admin import ReadOnlyAdmin
from heldout.leaderboards.models import Standing


@admin.register(Standing)
class StandingAdmin(ReadOnlyAdmin):
    """Each team's place."""

    list_display = ["challenge", "team", "score", "scored_count", "achieved_at"]
    list_filter = ["challenge"]
    list_select_related = ["challenge", "team"]
