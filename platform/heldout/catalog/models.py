"""Published challenges and the bundles that define them."""

import uuid

from django.db import models
from django.db.models import Q

from challenges.manifest import Manifest
from heldout.events.models import Event
from scoring.job import PreparationReport


class BundleVersion(models.Model):
    """A bundle as it was uploaded, known by its content."""

    slug = models.SlugField(max_length=50)
    version = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the packed bundle, which is also its blob."""
    manifest_json = models.JSONField()
    statement = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug", "-created_at"]

    def __str__(self) -> str:
        return f"{self.slug} {self.version}"

    @property
    def manifest(self) -> Manifest:
        """The manifest as types."""
        return Manifest.model_validate(self.manifest_json)


class Challenge(models.Model):
    """A bundle version published in an event."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="challenges")
    bundle = models.ForeignKey(BundleVersion, on_delete=models.PROTECT, related_name="challenges")
    slug = models.SlugField(max_length=50)
    title = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField()
    points = models.PositiveSmallIntegerField(default=100)
    preparation = models.OneToOneField(
        "Preparation", on_delete=models.PROTECT, null=True, blank=True, related_name="prepares"
    )
    """The green self-test on which the challenge opened, with its splits."""
    opened_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["event", "slug"], name="one_challenge_slug_per_event"),
            models.UniqueConstraint(fields=["event", "position"], name="one_challenge_per_position"),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True) | Q(preparation__isnull=False),
                name="open_only_when_prepared",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PreparationState(models.TextChoices):
    QUEUED = "queued", "Queued"
    GREEN = "green", "Green"
    RED = "red", "Red"
    FAILED = "failed", "Failed"


class Preparation(models.Model):
    """One building of a challenge's splits with its self-test, by a worker."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="preparations")
    bundle = models.ForeignKey(BundleVersion, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=8, choices=PreparationState, default=PreparationState.QUEUED, db_index=True
    )
    report_json = models.JSONField(null=True, blank=True)
    given = models.CharField(max_length=64, blank=True)
    hidden_set = models.CharField(max_length=64, blank=True)
    tries = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    """When it was sent to a worker, or one last said that it is at it."""
    deadline = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.challenge} · {self.get_state_display()}"

    @property
    def report(self) -> PreparationReport | None:
        """The worker's report, once it is there."""
        return PreparationReport.model_validate(self.report_json) if self.report_json else None


class BaselineScore(models.Model):
    """A baseline as it was really trained and scored: a reference line on the board."""

    preparation = models.ForeignKey(Preparation, on_delete=models.CASCADE, related_name="baselines")
    name = models.CharField(max_length=80)
    strength = models.CharField(max_length=6)
    format = models.CharField(max_length=12)
    artefact = models.CharField(max_length=64)
    file_name = models.CharField(max_length=120)
    score = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    cost_json = models.JSONField()

    class Meta:
        ordering = ["score"]

    def __str__(self) -> str:
        return self.name
