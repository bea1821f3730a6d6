"""Events in the admin. People come and go by actions, which the event's own pages offer."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from heldout.accounts.models import User
from heldout.audit.admin import ReadOnlyAdmin, RecordedAdmin
from heldout.events import actions
from heldout.events.models import Event, Invitation, Registration, Role, Session, Wording


@admin.register(Event)
class EventAdmin(RecordedAdmin):
    """Name, dates and the rules of teams. Events are created on the site, with their organizer."""

    list_display = ["name", "slug", "starts_at", "ends_at", "venue"]
    search_fields = ["name", "slug"]
    fields = [
        "name", "slug", "tagline", "venue", "time_zone", "starts_at", "ends_at",
        "team_size_limit", "teams_lock_at", "shows_excerpts", "created_at",
    ]  # fmt: skip
    readonly_fields = ["slug", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """No: an event needs an organizer from the start."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        """No: its submissions and its audit log stay."""
        return False

    def save_model(
        self, request: HttpRequest, obj: Event, form: "forms.ModelForm[Event]", change: bool
    ) -> None:
        """Change it by the action, which writes the audit log."""
        values: dict[str, Any] = {name: form.cleaned_data[name] for name in form.changed_data}
        actions.change_event(obj, actor=cast(User, request.user), **values)


@admin.register(Role)
class RoleAdmin(ReadOnlyAdmin):
    """Who is what in which event."""

    list_display = ["user", "event", "name", "since"]
    list_filter = ["event", "name"]
    search_fields = ["user__email", "user__name"]
    list_select_related = ["user", "event"]


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Who was invited, by whom, and what became of it."""

    list_display = ["email", "event", "role", "created_at", "mailed_at", "accepted_at", "revoked_at"]
    list_filter = ["event", "role"]
    search_fields = ["email"]
    list_select_related = ["event"]
    exclude = ["token_digest"]


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    """The agenda, which the event's own pages change."""

    list_display = ["event", "starts_at", "title", "room", "speaker", "is_open", "capacity"]
    list_filter = ["event", "is_open"]
    list_select_related = ["event"]


@admin.register(Registration)
class RegistrationAdmin(ReadOnlyAdmin):
    """Who attends open sessions."""

    list_display = ["session", "name", "email", "waits", "at", "cancelled_at"]
    list_filter = ["session"]
    list_select_related = ["session"]


@admin.register(Wording)
class WordingAdmin(ReadOnlyAdmin):
    """The organizers' own words for mails; written on the event's pages."""

    list_display = ["event", "kind", "subject"]
    list_filter = ["event", "kind"]
    list_select_related = ["event"]
