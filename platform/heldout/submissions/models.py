"""What teams hand in, the runs that score it, and what they yield."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from heldout.catalog.models import Challenge, Preparation
from heldout.submissions import intervention_models, upload_models  # noqa: F401 - Django looks here
from heldout.teams.models import Team
from scoring.job import Cost, Passport, Verdict
from scoring.learned import Insight


class Blob(models.Model):
    """A file in the store, kept once by its SHA-256."""

    digest = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.digest[:12]


class SubmissionState(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SCORED = "scored", "Scored"
    REJECTED = "rejected", "Rejected"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


OPEN_STATES = (SubmissionState.QUEUED, SubmissionState.RUNNING)


class Submission(models.Model):
    """One artefact that a team hands in for a challenge."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField()
    """Counts what the team hands in to the challenge, from 1."""
    rehearsal = models.BooleanField(default=False)
    """A free run on the validation split: it costs no try and is never on a board."""
    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="submissions")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="submissions")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="submissions")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="submissions")
    file_name = models.CharField(max_length=200)
    by_token = models.CharField(max_length=60, blank=True)
    """The name of the team's token by which it came; empty where its author handed it in."""
    note = models.CharField(max_length=300, blank=True)
    """What did we change? The team's lab notebook."""
    format = models.CharField(max_length=12, blank=True)
    state = models.CharField(
        max_length=9, choices=SubmissionState, default=SubmissionState.QUEUED, db_index=True
    )
    passport_json = models.JSONField(null=True, blank=True)
    verdict_json = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "team", "number"], name="one_submission_per_number")
        ]
        indexes = [models.Index(fields=["challenge", "team", "state", "created_at"])]

    def __str__(self) -> str:
        return f"{self.team} · {self.challenge} · {self.number}"

    @property
    def label(self) -> str:
        """What it is called on pages."""
        return f"{'Rehearsal' if self.rehearsal else 'Submission'} {self.number}"

    @property
    def passport(self) -> Passport | None:
        """What inspection said, once it has."""
        return Passport.model_validate(self.passport_json) if self.passport_json else None

    @property
    def verdict(self) -> Verdict | None:
        """Why it was not scored, if so."""
        return Verdict.model_validate(self.verdict_json) if self.verdict_json else None


class StateChange(models.Model):
    """One step of a submission's life."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="changes")
    old = models.CharField(max_length=9, blank=True)
    new = models.CharField(max_length=9)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.old or 'new'} to {self.new}"


class RescoringState(models.TextChoices):
    RUNNING = "running", "Undecided"
    KEPT = "kept", "Kept"
    DISCARDED = "discarded", "Discarded"


class Rescoring(models.Model):
    """Scored submissions of a challenge, run once more. No board knows of it until it is kept."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="rescorings")
    preparation = models.ForeignKey(Preparation, on_delete=models.PROTECT, related_name="+")
    """What they run against: the challenge's own, or that of another version of its bundle."""
    previous = models.ForeignKey(Preparation, on_delete=models.PROTECT, related_name="+")
    """What the challenge stood on when it began."""
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    submission = models.ForeignKey(
        Submission, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    """What it is of: one team, one submission, or with neither all of the challenge."""
    state = models.CharField(max_length=9, choices=RescoringState, default=RescoringState.RUNNING)
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["challenge"], condition=Q(state="running"), name="one_undecided_rescoring"
            )
        ]

    def __str__(self) -> str:
        return f"Rescoring of {self.scope_label}"

    @property
    def scope_label(self) -> str:
        """What it is of, in words."""
        if self.submission:
            return str(self.submission)
        return f"{self.team} · {self.challenge}" if self.team else str(self.challenge)


class AttemptJob(models.TextChoices):
    INSPECTION = "inspection", "Inspection"
    SCORING = "scoring", "Scoring"


class AttemptState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DISPATCHED = "dispatched", "Dispatched"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    LOST = "lost", "Lost"
    CANCELLED = "cancelled", "Cancelled"


LIVE_STATES = (AttemptState.DISPATCHED, AttemptState.RUNNING)
UNFINISHED_STATES = (AttemptState.WAITING, *LIVE_STATES)


class Attempt(models.Model):
    """One run of a submission by one worker: an inspection, or a scoring."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="attempts")
    rescoring = models.ForeignKey(
        Rescoring, on_delete=models.CASCADE, null=True, blank=True, related_name="attempts"
    )
    """What it is a part of, if it runs a scored submission once more."""
    job = models.CharField(max_length=10, choices=AttemptJob)
    number = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=AttemptState, default=AttemptState.WAITING)
    accelerator = models.CharField(max_length=9, default="none")
    """Whether the run may or must have a GPU, as the challenge's limits say."""
    queue = models.CharField(max_length=20, blank=True)
    """The broker's queue that its job was put into."""
    worker = models.CharField(max_length=120, blank=True)
    stage = models.CharField(max_length=12, blank=True)
    fraction = models.FloatField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    not_before = models.DateTimeField(null=True, blank=True)
    """After a fault of ours the next attempt waits a little."""
    sends = models.PositiveSmallIntegerField(default=1)
    """How often its job was put into the broker's queue: again when the queue was lost."""
    dispatched_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    """Heartbeats push this forward; past it the attempt is lost."""
    deadline = models.DateTimeField(null=True, blank=True)
    """The wall clock of the present state: nothing pushes this."""

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "job"],
                condition=Q(state__in=["waiting", "dispatched", "running"]),
                name="one_unfinished_attempt_per_job",
            )
        ]
        indexes = [
            models.Index(fields=["state", "job", "created_at"]),
            models.Index(fields=["job", "dispatched_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_job_display()} {self.number} of {self.submission}"


class Evaluation(models.Model):
    """What an attempt yielded."""

    attempt = models.OneToOneField(Attempt, on_delete=models.CASCADE, related_name="evaluation")
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="evaluations")
    current = models.BooleanField(default=True)
    """Whether it is the one that counts. What a rescoring replaced, or has yielded, is kept beside it."""
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    """The one that counted before it, since its rescoring was kept."""
    bundle = models.CharField(max_length=64)
    engine = models.CharField(max_length=40)
    worker = models.CharField(max_length=120)
    cost_json = models.JSONField(null=True)
    stages = models.JSONField(default=dict)
    insight_json = models.JSONField(null=True, blank=True)
    log_excerpt = models.TextField(blank=True)
    """The last words of the run; the whole bounded log of a rehearsal."""
    created_at = models.DateTimeField(auto_now_add=True)
    """Since when it counts: after a rescoring, as what it replaced did. Its attempt knows when it ran."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission"], condition=Q(current=True), name="one_current_evaluation"
            )
        ]

    def __str__(self) -> str:
        return str(self.attempt)

    @property
    def cost(self) -> Cost | None:
        """What the model cost, where that was measured."""
        return Cost.model_validate(self.cost_json) if self.cost_json else None

    @property
    def insight(self) -> Insight | None:
        """What there is to learn from the model's mistakes, where that was worked out."""
        return Insight.model_validate(self.insight_json) if self.insight_json else None


class Score(models.Model):
    """The metrics of one split. `value` is the challenge's metric, with its 95 % interval."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="scores")
    split = models.CharField(max_length=10)
    value = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    count = models.PositiveIntegerField()
    metrics = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evaluation", "split"], name="one_score_per_split")]

    def __str__(self) -> str:
        return f"{self.split} {self.value:.4f}"


class Outcomes(models.Model):
    """Per-example outcomes of one split, packed as `scoring.job.Outcomes` says."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="outcomes")
    split = models.CharField(max_length=10)
    count = models.PositiveIntegerField()
    values = models.TextField(blank=True)
    predicted = models.TextField(blank=True)
    confidence = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "outcomes"
        constraints = [models.UniqueConstraint(fields=["evaluation", "split"], name="one_outcomes_per_split")]

    def __str__(self) -> str:
        return f"{self.count} of {self.split}"


class Worker(models.Model):
    """A scoring worker, by its last heartbeat."""

    name = models.CharField(max_length=120, primary_key=True)
    queues = models.JSONField(default=list)
    formats = models.JSONField(default=list)
    running = models.UUIDField(null=True, blank=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
