"""Standings: the kept result of a pure function over scored submissions."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from heldout.catalog.models import Challenge
from heldout.events.models import Event
from heldout.submissions.models import Evaluation, Submission
from heldout.teams.models import Team


class Place(models.Model):
    """A team's best submission on a challenge's public split."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="%(class)ss")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="%(class)ss")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+")
    score = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    achieved_at = models.DateTimeField()
    """When the best submission was handed in: earlier is better among equals."""
    scored_count = models.PositiveIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.team} {self.score:.4f}"


class Standing(Place):
    """A team's place on a challenge's board."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["challenge", "team"], name="one_standing_per_team")]
        indexes = [models.Index(fields=["challenge", "score"])]


class FrozenStanding(Place):
    """A team's place as it was when the event's boards froze; until then as it is."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["challenge", "team"], name="one_frozen_standing_per_team")
        ]


class FinalRule(models.TextChoices):
    BEST_PUBLIC = "best_public", "The submission that is best on the public split"
    CHOSEN = "chosen", "The best of the submissions that the team has chosen"
    BEST_PRIVATE = "best_private", "The submission that is best on the private split"


class TieOrder(models.TextChoices):
    EARLIER = "earlier", "who handed in earlier"
    CHEAPER = "cheaper", "who needs fewer mult-adds, then who handed in earlier"
    SIGNED_OFF = "signed_off", "who has more sign-offs in the event, then who handed in earlier"


class BoardRules(models.Model):
    """How an event's boards freeze, and what counts in the end. Without a row, these defaults hold."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="board_rules")
    freezes_at = models.DateTimeField(
        "boards freeze",
        null=True,
        blank=True,
        help_text="From then on others see the boards as they stood; each team still sees its own scores.",
    )
    final = models.CharField(
        "what counts in the end",
        max_length=12,
        choices=FinalRule,
        default=FinalRule.BEST_PUBLIC,
        help_text="Measured on the private split. Teams read this on each board from the start.",
    )
    choices = models.PositiveSmallIntegerField(
        "submissions that a team may choose",
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text="On each challenge, where chosen ones count.",
    )
    tie_order = models.CharField(
        "first among tied teams",
        max_length=10,
        choices=TieOrder,
        default=TieOrder.EARLIER,
        help_text="Tied teams share a rank; this puts them in order.",
    )
    rank_bonus = models.PositiveSmallIntegerField(
        "bonus for rank, points",
        default=0,
        validators=[MaxValueValidator(1000)],
        help_text="For a passed challenge: all to the first, a small share to the last. 0 for none.",
    )
    growth_bonus = models.PositiveSmallIntegerField(
        "bonus for growth, points",
        default=0,
        validators=[MaxValueValidator(1000)],
        help_text="For the whole way from a team's first score to the pass line. 0 for none.",
    )
    published_at = models.DateTimeField(null=True, blank=True)
    """When everybody got to see the final boards."""

    class Meta:
        verbose_name_plural = "board rules"

    def __str__(self) -> str:
        return f"Boards of {self.event}"


class Choice(models.Model):
    """A submission that its team wants to count in the end."""

    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="choice")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.submission)


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
