"""How coaches help: calls for help, and the hints that they have opened for teams."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from heldout.catalog.models import Challenge
from heldout.teams.models import Team


class HelpCall(models.Model):
    """A team raises its hand on a challenge; a coach claims the call, and it is closed."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="help_calls")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="help_calls")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=300)
    at = models.DateTimeField(auto_now_add=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "team"],
                condition=Q(closed_at__isnull=True),
                name="one_raised_hand_per_challenge",
            )
        ]

    def __str__(self) -> str:
        return f"{self.team} · {self.challenge}"


class OpenedHint(models.Model):
    """A hint of the challenge's bundle that a coach has opened for a team. Its title names it."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="opened_hints")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="opened_hints")
    title = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "team", "title"], name="one_opening_per_hint")
        ]

    def __str__(self) -> str:
        return f"{self.title} · {self.team}"
