"""Standings: the kept result of a pure function over scored submissions."""

from django.db import models

from heldout.catalog.models import Challenge
from heldout.submissions.models import Submission
from heldout.teams.models import Team


class Standing(models.Model):
    """A team's place on a challenge's board: its best submission on the public split."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="standings")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="standings")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+")
    score = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    achieved_at = models.DateTimeField()
    """When the best submission was handed in: earlier is better among equals."""
    scored_count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["challenge", "team"], name="one_standing_per_team")]
        indexes = [models.Index(fields=["challenge", "score"])]

    def __str__(self) -> str:
        return f"{self.team} {self.score:.4f}"
