"""Uploaded bundles for the people who run the site."""

from django.contrib import admin

from heldout.audit.admin import ReadOnlyAdmin
from heldout.authoring.models import UploadedBundle


@admin.register(UploadedBundle)
class UploadedBundleAdmin(ReadOnlyAdmin):
    """Versions of bundles, by event."""

    list_display = ["event", "bundle", "author", "created_at"]
    list_filter = ["event"]
    list_select_related = ["event", "bundle", "author"]
