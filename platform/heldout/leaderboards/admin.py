"""Standings, to look at: they follow from scored submissions."""

from django.contrib import admin

from heldout.audit.admin import ReadOnlyAdmin
from heldout.leaderboards.models import BoardRules, Choice, FrozenStanding, Standing


@admin.register(Standing, FrozenStanding)
class StandingAdmin(ReadOnlyAdmin):
    """Each team's place."""

    list_display = ["challenge", "team", "score", "scored_count", "achieved_at"]
    list_filter = ["challenge"]
    list_select_related = ["challenge", "team"]


@admin.register(BoardRules)
class BoardRulesAdmin(ReadOnlyAdmin):
    """How boards freeze and end."""

    list_display = ["event", "freezes_at", "final", "choices", "tie_order", "published_at"]
    list_select_related = ["event"]


@admin.register(Choice)
class ChoiceAdmin(ReadOnlyAdmin):
    """What teams want to count in the end."""

    list_display = ["submission", "by", "at"]
    list_select_related = ["submission__team", "submission__challenge", "by"]
