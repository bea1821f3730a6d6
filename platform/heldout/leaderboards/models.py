"""Standings, the rules by which an event ranks, and how far a final board has been revealed."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from heldout.catalog.models import Challenge
from heldout.events.models import Event
from heldout.submissions.models import Evaluation, Submission
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


class TieOrder(models.TextChoices):
    EARLIER = "earlier", "who handed in earlier"
    CHEAPER = "cheaper", "who needs fewer mult-adds, then who handed in earlier"
    SIGNED_OFF = "signed_off", "who has more sign-offs in the event, then who handed in earlier"


class FinalBy(models.TextChoices):
    BEST_PUBLIC = "best_public", "the submission that is best on the public split"
    BEST_PRIVATE = "best_private", "the submission that is best on the private split"
    CHOSEN = "chosen", "the best on the private split of those that the team has chosen"


class BoardRules(models.Model):
    """How an event ranks. An event without a row has the defaults."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="board_rules")
    freezes_at = models.DateTimeField(null=True, blank=True)
    """What is handed in from then on shows to its own team alone, until the final board is published."""
    tie_order = models.CharField(max_length=10, choices=TieOrder, default=TieOrder.EARLIER)
    final_by = models.CharField(max_length=12, choices=FinalBy, default=FinalBy.BEST_PUBLIC)
    chosen_limit = models.PositiveSmallIntegerField(
        default=2, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    rank_bonus = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(1000)])
    growth_bonus = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(1000)])

    class Meta:
        verbose_name_plural = "board rules"

    def __str__(self) -> str:
        return f"board rules of {self.event}"


class FinalChoice(models.Model):
    """A submission that its team wants to be ranked by in the end."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="final_choices")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="final_choices")
    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="final_choice")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.team} · {self.submission}"


class Reveal(models.Model):
    """How far the final board of a challenge has been told on stage, and whether everybody may see it."""

    challenge = models.OneToOneField(Challenge, on_delete=models.CASCADE, related_name="reveal")
    step = models.PositiveIntegerField(default=0)
    """How many teams have been told, from the last one up."""
    published_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"reveal of {self.challenge}"


class Comparison(models.Model):
    """Whether two runs differ on the same hidden examples: worked out once, for neither ever changes."""

    split = models.CharField(max_length=10)
    better = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="+")
    differs = models.BooleanField()
    by = models.CharField(max_length=9)
    """`bootstrap` where the outcomes of each example were compared, else `intervals`."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["split", "better", "other"], name="one_comparison_per_pair")
        ]

    def __str__(self) -> str:
        return f"{self.better} and {self.other}"
