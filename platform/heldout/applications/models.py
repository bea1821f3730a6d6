"""People who ask to take part: what they are asked, what they answer, what becomes of them."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from heldout.events.models import Event, Invitation
from heldout.teams.models import SKILLS


class Intake(models.Model):
    """How an event takes applications. Without one, or before it is opened, nobody outside sees the event."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="intake")
    opens_at = models.DateTimeField("opens", null=True, blank=True)
    closes_at = models.DateTimeField("closes", null=True, blank=True)
    places = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Applicants who can be accepted. With it, the waitlist moves up by itself.",
    )
    words = models.TextField("about the event", blank=True, max_length=10_000, help_text="In Markdown.")

    def __str__(self) -> str:
        return f"Applications to {self.event}"


class QuestionKind(models.TextChoices):
    LINE = "line", "A line of text"
    TEXT = "text", "A longer text"
    CHOICE = "choice", "One of several"
    NUMBER = "number", "A number"


class Question(models.Model):
    """Something that an organizer asks applicants."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField("question", max_length=200)
    kind = models.CharField(max_length=6, choices=QuestionKind, default=QuestionKind.LINE)
    choices = models.TextField(blank=True, help_text="Of one of several: one a line.")
    required = models.BooleanField("must be answered", default=True)
    position = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)
    """From then on it is not asked; what was answered before is kept."""

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text

    @property
    def options(self) -> list[str]:
        """The choices, without empty lines."""
        return [line.strip() for line in self.choices.splitlines() if line.strip()]


class ApplicationState(models.TextChoices):
    RECEIVED = "received", "New"
    SHORTLISTED = "shortlisted", "Shortlisted"
    ACCEPTED = "accepted", "Accepted"
    WAITLISTED = "waitlisted", "On the waitlist"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Application(models.Model):
    """Somebody asks to take part. No account is needed."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="applications")
    name = models.CharField(max_length=80)
    email = models.EmailField()
    company = models.CharField(max_length=80, blank=True)
    skill = models.PositiveSmallIntegerField(
        choices=SKILLS, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    state = models.CharField(max_length=11, choices=ApplicationState, default=ApplicationState.RECEIVED)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    """Of the link at which the applicant sees and withdraws it."""
    agreed_at = models.DateTimeField()
    """When the applicant agreed to the code of conduct and to the use of these data."""
    conduct_digest = models.CharField(max_length=64, editable=False)
    """SHA-256 of the code of conduct that was agreed to."""
    notes = models.TextField(blank=True, max_length=4000)
    """The organizers' own; applicants never see them."""
    at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    """When it came into its present state; the waitlist moves up in this order."""
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    invitation = models.OneToOneField(
        Invitation, on_delete=models.SET_NULL, null=True, blank=True, related_name="application"
    )

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "email"],
                condition=~models.Q(state="withdrawn"),
                name="one_application_per_address",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} to {self.event}"


class Answer(models.Model):
    """What an applicant has answered."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField(max_length=4000)

    class Meta:
        ordering = ["question__position", "question_id"]
        constraints = [models.UniqueConstraint(fields=["application", "question"], name="one_answer")]

    def __str__(self) -> str:
        return self.text[:80]


class Placement(models.Model):
    """Where somebody who was invited by a roster belongs once the invitation is accepted."""

    invitation = models.OneToOneField(Invitation, on_delete=models.CASCADE, related_name="placement")
    team = models.CharField(max_length=40)
    """The team's name: as a member, or for a coach as its coach."""

    def __str__(self) -> str:
        return f"{self.invitation.email} to {self.team}"
