"""Answers that are kept for a day, so that a request that is sent again is not done again."""

from django.db import models


class KeptAnswer(models.Model):
    """What was answered to a request with an `Idempotency-Key`; without a status, it is still at work."""

    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=100)
    fingerprint = models.CharField(max_length=64)
    """SHA-256 of what was asked: the verb, the address and the content."""
    claim = models.CharField(max_length=32)
    """Whoever is at work on it; another one may take over when nothing was heard for a while."""
    claimed_at = models.DateTimeField()
    created_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    body = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="one_answer_per_key")]

    def __str__(self) -> str:
        return f"{self.key} of {self.caller}"
