"""Webhooks in the admin: to read. Their own pages change them; secrets are shown nowhere."""

from django.contrib import admin

from heldout.audit.admin import ReadOnlyAdmin
from heldout.webhooks.models import Delivery, Hook, ToldBoard


@admin.register(Hook)
class HookAdmin(ReadOnlyAdmin):
    """Addresses that are told."""

    list_display = ["url", "event", "team", "topics", "by", "paused_at"]
    list_filter = ["event"]
    search_fields = ["url", "by__email"]
    list_select_related = ["event", "team", "by"]
    exclude = ["secret", "old_secret"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Messages to them."""

    list_display = ["id", "hook", "topic", "state", "tries", "answer_code", "created_at", "tried_at"]
    list_filter = ["state", "topic"]
    search_fields = ["hook__url"]
    list_select_related = ["hook"]


@admin.register(ToldBoard)
class ToldBoardAdmin(ReadOnlyAdmin):
    """Ranks as they were told last."""

    list_display = ["challenge"]
    list_select_related = ["challenge"]
    search_fields = ["challenge__title"]
