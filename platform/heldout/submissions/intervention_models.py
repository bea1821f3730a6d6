"""What organizers change by hand: pauses, more tries, later deadlines, disqualifications."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from heldout.catalog.models import Challenge, TeamRow
from heldout.events.models import Event
from heldout.teams.models import Team


class PauseScope(models.TextChoices):
    HAND_IN = "hand_in", "Handing in"
    SCORING = "scoring", "Scoring"


class Pause(models.Model):
    """Something stands still in an event, on one challenge or on all. Removed when it goes on."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="pauses")
    challenge = models.ForeignKey(
        Challenge, on_delete=models.CASCADE, null=True, blank=True, related_name="pauses"
    )
    scope = models.CharField(max_length=7, choices=PauseScope)
    reason = models.CharField(max_length=200, help_text="Teams read it.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "scope"],
                condition=Q(challenge__isnull=False),
                name="one_pause_of_a_challenge",
            ),
            models.UniqueConstraint(
                fields=["event", "scope"], condition=Q(challenge__isnull=True), name="one_pause_of_an_event"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} on {self.challenge or 'every challenge'}"

    @property
    def label(self) -> str:
        """What it is about, in words."""
        return str(self)


class Grant(TeamRow):
    """More tries for one team on one challenge, on the day that they were granted."""

    tries = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at"]


class Extension(TeamRow):
    """A later deadline for one team on one challenge."""

    until = models.DateTimeField()
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["challenge", "team"], name="one_extension_per_team")]


class Disqualification(models.Model):
    """A submission, or all of a team's, that counts on no board. Its team still sees its scores, and why."""

    submission = models.OneToOneField(
        "submissions.Submission",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="disqualification",
    )
    team = models.OneToOneField(
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="disqualification"
    )
    reason = models.CharField(max_length=300, help_text="The team reads it.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(submission__isnull=False, team__isnull=True)
                | Q(submission__isnull=True, team__isnull=False),
                name="disqualifies_a_submission_or_a_team",
            )
        ]

    def __str__(self) -> str:
        return str(self.submission or self.team)

    @property
    def label(self) -> str:
        """What it is about, in words."""
        return str(self)
