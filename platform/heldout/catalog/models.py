"""Published challenges, the bundles that define them, what opens them and what teams have reached."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from challenges.hints import Hint
from challenges.manifest import Manifest
from heldout.events.models import Event
from heldout.teams.models import Team
from scoring.job import PreparationReport


class BundleVersion(models.Model):
    """A bundle as it was uploaded, known by its content."""

    slug = models.SlugField(max_length=50)
    version = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the packed bundle, which is also its blob."""
    manifest_json = models.JSONField()
    statement = models.TextField()
    hints_json = models.JSONField(default=list)
    coach_guide = models.TextField(blank=True)
    """For coaches and organizers alone, as are hints that nobody has opened."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug", "-created_at"]

    def __str__(self) -> str:
        return f"{self.slug} {self.version}"

    @property
    def manifest(self) -> Manifest:
        """The manifest as types."""
        return Manifest.model_validate(self.manifest_json)

    @property
    def hints(self) -> list[Hint]:
        """What a coach may open for a team, in order."""
        return [Hint.model_validate(hint) for hint in self.hints_json]


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


class GateKind(models.TextChoices):
    TIME = "time", "A time comes"
    PASSED = "passed", "An earlier challenge is passed"
    THRESHOLD = "threshold", "A score is reached on an earlier challenge"
    SIGNED_OFF = "signed_off", "The coach signs an earlier challenge off"


class Gate(models.Model):
    """One of the things that open a challenge for a team. Without any, it is open to every team."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="gates")
    kind = models.CharField(max_length=10, choices=GateKind)
    at = models.DateTimeField(null=True, blank=True)
    after = models.ForeignKey(Challenge, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """The earlier challenge that it asks about."""
    score = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="time", at__isnull=False, after__isnull=True)
                | (~Q(kind="time") & Q(at__isnull=True, after__isnull=False)),
                name="gate_of_a_time_or_of_a_challenge",
            ),
            models.CheckConstraint(
                condition=Q(kind="threshold", score__isnull=False)
                | (~Q(kind="threshold") & Q(score__isnull=True)),
                name="gate_with_a_score_when_it_asks_for_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.challenge} · {self.get_kind_display()}"


class TeamRow(models.Model):
    """Something of one team on one challenge."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="%(class)ss")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="%(class)ss")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.team} · {self.challenge}"


class Opening(TeamRow):
    """An organizer has opened a challenge for one team by hand."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["challenge", "team"], name="one_opening_per_team")]


class Attainment(TeamRow):
    """What a team has reached on a challenge: the kept result of a pure function of scores and ticks."""

    best = models.FloatField(null=True, blank=True)
    """The best score on the public split."""
    best_at = models.DateTimeField(null=True, blank=True)
    met = models.JSONField(default=list)
    """The texts of the automatic criteria that some scored submission has met."""
    passed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["challenge", "team"], name="one_attainment_per_team")]


class Tick(TeamRow):
    """A coach has seen the evidence that a criterion asks for."""

    criterion = models.CharField(max_length=200)
    """The criterion's text, by which a bundle knows it."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["challenge", "team", "criterion"], name="one_tick_per_criterion")
        ]


class SignOff(TeamRow):
    """A coach's word that a team has shown what a challenge asks for."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["challenge", "team"], name="one_sign_off_per_team")]
