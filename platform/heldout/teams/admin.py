"""Teams in the admin: to read. The event's own pages change them."""

from django.contrib import admin

from heldout.audit.admin import ReadOnlyAdmin
from heldout.teams.models import Approach, Membership, Profile, Team, TeamToken, UnwelcomeWords


@admin.register(Team)
class TeamAdmin(ReadOnlyAdmin):
    """Teams and their coaches."""

    list_display = ["name", "event", "coach", "created_at"]
    list_filter = ["event"]
    search_fields = ["name"]
    list_select_related = ["event", "coach"]
    exclude = ["name_key", "join_code"]


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    """Who is in which team."""

    list_display = ["user", "team", "event", "joined_at"]
    list_filter = ["event"]
    search_fields = ["user__email", "user__name", "team__name"]
    list_select_related = ["user", "team", "event"]


@admin.register(TeamToken)
class TeamTokenAdmin(ReadOnlyAdmin):
    """Keys of teams, with the place in the team by which each acts."""

    list_display = ["token", "membership"]
    search_fields = ["token__name", "membership__team__name"]
    list_select_related = ["token", "membership__team", "membership__user"]


@admin.register(Profile)
class ProfileAdmin(ReadOnlyAdmin):
    """What people say of themselves."""

    list_display = ["user", "event", "company", "skill", "looks_for_team"]
    list_filter = ["event"]
    list_select_related = ["user", "event"]


@admin.register(Approach)
class ApproachAdmin(ReadOnlyAdmin):
    """Who has asked whom."""

    list_display = ["user", "team", "kind", "at", "closed_at", "accepted"]
    list_select_related = ["user", "team"]


@admin.register(UnwelcomeWords)
class UnwelcomeWordsAdmin(ReadOnlyAdmin):
    """What names of teams may not have."""

    list_display = ["event", "words"]
    list_select_related = ["event"]
