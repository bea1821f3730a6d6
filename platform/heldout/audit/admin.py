"""The audit log in the admin, to read; and accounts, whose changes there are written into it."""

from typing import cast
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from unfold.admin import ModelAdmin

from heldout.accounts.models import ApiToken, DeviceLogin, User
from heldout.audit import actions as audit
from heldout.audit.models import AuditEntry


class RecordedAdmin(ModelAdmin):
    """A row's history is what the audit log says of it."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: object = None
    ) -> HttpResponseRedirect:
        """The entries of the audit log about the row."""
        about = {"target_type__exact": self.model._meta.label_lower, "target_id__exact": object_id}
        return redirect(f"{reverse('admin:audit_auditentry_changelist')}?{urlencode(about)}")


class ReadOnlyAdmin(RecordedAdmin):
    """Shows rows; adds, changes and deletes none."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """No: actions make these."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """No: actions change these, and write the audit log."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """No: what was stays on record."""
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did what to what."""

    list_display = ["at", "actor", "action", "target_label", "event_slug"]
    list_filter = ["action", "event_slug"]
    search_fields = ["target_label", "actor__email"]
    list_select_related = ["actor"]
    date_hierarchy = "at"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Also what a row's history asks for."""
        return lookup.startswith("target_") or super().lookup_allowed(lookup, value, request)


@admin.register(User)
class UserAdmin(RecordedAdmin):
    """Names and what somebody may do on the whole site."""

    list_display = ["email", "name", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "is_active", "is_staff", "is_superuser", "last_login", "date_joined"]
    readonly_fields = ["email", "last_login", "date_joined"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """No: accounts are opened by invitations."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """No: close accounts, so that the audit log keeps its people."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Only who runs the site makes others do so."""
        powers = [] if request.user.is_superuser else ["is_active", "is_staff", "is_superuser"]
        return [*self.readonly_fields, *powers]

    def save_model(
        self, request: HttpRequest, obj: User, form: "forms.ModelForm[User]", change: bool
    ) -> None:
        """Save what has changed, and on whose word."""
        changed = form.changed_data
        super().save_model(request, obj, form, change)
        audit.write(
            "account.change",
            obj,
            actor=cast(User, request.user),
            before={name: form.initial[name] for name in changed},
            after={name: form.cleaned_data[name] for name in changed},
        )


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Keys for programs; their people revoke them."""

    list_display = ["name", "user", "is_personal", "scopes", "expires_at", "last_used_at", "revoked_at"]
    list_filter = ["is_personal"]
    search_fields = ["name", "user__email"]
    list_select_related = ["user"]
    exclude = ["digest"]


@admin.register(DeviceLogin)
class DeviceLoginAdmin(ReadOnlyAdmin):
    """Programs that asked to be let in by a code."""

    list_display = ["name", "user", "scopes", "answer", "created_at", "expires_at"]
    list_filter = ["answer"]
    search_fields = ["name", "user__email"]
    list_select_related = ["user"]
    exclude = ["digest", "user_code"]
