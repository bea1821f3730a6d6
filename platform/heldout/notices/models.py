"""What organizers announce, what teams ask, and until when somebody has read."""

from django.conf import settings
from django.db import models

from heldout.catalog.models import Challenge
from heldout.events.models import Event
from heldout.teams.models import Team


class Audience(models.TextChoices):
    ALL = "all", "Everybody"
    PARTICIPANTS = "participants", "Participants"
    COACHES = "coaches", "Coaches"


class Announcement(models.Model):
    """A word of the organizers to the people of an event."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="announcements")
    title = models.CharField(max_length=120)
    body = models.TextField(blank=True, max_length=10_000, help_text="In Markdown.")
    audience = models.CharField("to", max_length=12, choices=Audience, default=Audience.ALL)
    pinned = models.BooleanField("keep it on top", default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pinned", "-at", "-id"]

    def __str__(self) -> str:
        return self.title


class Inquiry(models.Model):
    """A team's question, about a challenge or the event, and its answer."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="inquiries")
    challenge = models.ForeignKey(
        Challenge, on_delete=models.CASCADE, null=True, blank=True, related_name="inquiries"
    )
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="inquiries")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=2000)
    is_public = models.BooleanField("everybody may read it, without our name", default=True)
    answer = models.TextField(blank=True, max_length=4000)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = "inquiries"

    def __str__(self) -> str:
        return self.text[:80]


class Reading(models.Model):
    """Until when somebody has read the notices of an event."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "user"], name="one_reading_per_person")]

    def __str__(self) -> str:
        return f"{self.user} in {self.event}"
