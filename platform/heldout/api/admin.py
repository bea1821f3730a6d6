"""Kept answers, to read when somebody asks why nothing was done the second time."""

from django.contrib import admin

from heldout.api.models import KeptAnswer
from heldout.audit.admin import ReadOnlyAdmin


@admin.register(KeptAnswer)
class KeptAnswerAdmin(ReadOnlyAdmin):
    """Who sent which key, and what was answered."""

    list_display = ["created_at", "caller", "key", "status"]
    exclude = ["headers", "body"]
    search_fields = ["caller", "key"]
