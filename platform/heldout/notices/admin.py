from django.contrib import admin

from heldout.audit.admin import ReadOnlyAdmin
from heldout.notices.models import Announcement, Inquiry, Reading


@admin.register(Announcement)
class AnnouncementAdmin(ReadOnlyAdmin):
    """What was announced."""

    list_display = ["title", "event", "audience", "pinned", "by", "at", "withdrawn_at"]
    list_filter = ["event", "audience"]
    search_fields = ["title", "body"]
    list_select_related = ["event", "by"]


@admin.register(Inquiry)
class InquiryAdmin(ReadOnlyAdmin):
    """What teams asked."""

    list_display = ["text", "event", "challenge", "team", "is_public", "at", "answered_at"]
    list_filter = ["event", "is_public"]
    search_fields = ["text", "answer"]
    list_select_related = ["event", "challenge", "team"]


@admin.register(Reading)
class ReadingAdmin(ReadOnlyAdmin):
    """Until when people have read."""

    list_display = ["user", "event", "until"]
    list_select_related = ["user", "event"]
