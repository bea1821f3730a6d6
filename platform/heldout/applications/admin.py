from django.contrib import admin

from heldout.applications.models import Answer, Application, Intake, Placement, Question
from heldout.audit.admin import ReadOnlyAdmin


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    """Who asks to take part; decided on the event's own pages."""

    list_display = ["name", "email", "event", "company", "skill", "state", "at"]
    list_filter = ["event", "state", "skill"]
    search_fields = ["name", "email", "company"]
    list_select_related = ["event"]
    exclude = ["token_digest"]


@admin.register(Answer, Intake, Placement, Question)
class OtherAdmin(ReadOnlyAdmin):
    """What belongs to applications."""
