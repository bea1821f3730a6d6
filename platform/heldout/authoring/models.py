"""The bundles that an event's organizers brought, each version beside the others."""

from django.db import models

from heldout.accounts.models import User
from heldout.catalog.models import BundleVersion
from heldout.events.models import Event


class UploadedBundle(models.Model):
    """A version of a bundle that the organizers of an event may publish in it."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="uploaded_bundles")
    bundle = models.ForeignKey(BundleVersion, on_delete=models.PROTECT, related_name="uploads")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["bundle__slug", "-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "bundle"], name="one_upload_per_event_and_bundle")
        ]

    def __str__(self) -> str:
        return str(self.bundle)
