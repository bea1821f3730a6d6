"""Files that are sent piece by piece, until they are handed in."""

import uuid

from django.conf import settings
from django.db import models

from heldout.catalog.models import Challenge


class Upload(models.Model):
    """A file that is being sent in pieces, or that is whole and not handed in yet."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    file_name = models.CharField(max_length=200)
    length = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    """How much of it the store has for sure."""
    mark = models.JSONField(null=True, blank=True)
    """What the store needs to go on with it."""
    declared = models.CharField(max_length=64, blank=True)
    """The SHA-256 that its sender said it has."""
    digest = models.CharField(max_length=64, blank=True)
    """Its SHA-256, once it is whole and in the store."""
    holder = models.UUIDField(null=True, blank=True)
    """The request that adds to it now."""
    held_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["expires_at"])]

    def __str__(self) -> str:
        return f"{self.file_name} by {self.author}"

    @property
    def is_whole(self) -> bool:
        """Whether all of it is there, in the store under its digest."""
        return bool(self.digest)
