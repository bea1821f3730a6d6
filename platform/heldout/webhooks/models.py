"""Addresses of others that hear what happens in an event, and each message to them."""

import uuid

from django.conf import settings
from django.db import models

from heldout.catalog.models import Challenge
from heldout.events.models import Event
from heldout.teams.models import Team


class Topic(models.TextChoices):
    SCORED = "submission.scored", "A submission is scored"
    RANK = "rank.changed", "A rank on a board changes"


TEST = "test"
"""The topic of a message that somebody sends to try the address."""


class Hook(models.Model):
    """An address that is told of an event, or of one team's part in it."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="hooks")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="hooks")
    """Whose it is, and of whom alone it hears; without one it is the organizers'."""
    url = models.CharField("address", max_length=500)
    topics = models.JSONField(default=list)
    secret = models.CharField(max_length=100, editable=False)
    old_secret = models.CharField(max_length=100, blank=True, editable=False)
    old_until = models.DateTimeField(null=True, blank=True)
    """Until when messages are signed with the secret before as well."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    rests_until = models.DateTimeField(null=True, blank=True)
    """After a failure nothing is sent for a while."""
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.url

    @property
    def topic_labels(self) -> list[str]:
        """What it hears, in words."""
        return [Topic(topic).label for topic in self.topics]


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "Waits"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Given up"


class Delivery(models.Model):
    """One message to one address. It is written together with what it tells, so that none is lost."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="deliveries")
    topic = models.CharField(max_length=30)
    body = models.TextField()
    """The very text that is signed and sent, each time."""
    state = models.CharField(max_length=9, choices=DeliveryState, default=DeliveryState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    answer_code = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    """The beginning of what the address said last, or why it could not be asked."""
    created_at = models.DateTimeField(auto_now_add=True)
    tried_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["state", "next_try_at"])]

    def __str__(self) -> str:
        return f"{self.topic} to {self.hook}"

    @property
    def message_id(self) -> str:
        """By it a receiver tells that it has had a message already."""
        return f"msg_{self.pk.hex}"


class ToldBoard(models.Model):
    """The ranks of a board when its changes were told last: by team, None for one that left it."""

    challenge = models.OneToOneField(Challenge, on_delete=models.CASCADE, related_name="+")
    ranks = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"Board of {self.challenge}"
