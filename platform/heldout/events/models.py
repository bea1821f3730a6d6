"""An event, its agenda, the roles that people have in it, and the invitations that give them."""

import secrets
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q


def check_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is a zone of the IANA database."""
    if name not in available_timezones():
        raise ValidationError(f"There is no time zone {name!r}; write one such as Europe/Amsterdam.")


def new_secret() -> str:
    """32 random bytes as hexadecimal."""
    return secrets.token_hex(32)


CODE_OF_CONDUCT = """We are here to learn from each other.

- Be kind, and assume that others mean well. Nobody is harassed, mocked or left out, for whatever reason.
- Help your own team with all you know; show other teams respect, and not your code.
- Do not try to reach the hidden data, or to fool the scoring. Tell the organizers when you find a way.
- If something is not right, speak to your coach or to any organizer. They listen, and they act.
"""


class RoleName(models.TextChoices):
    PARTICIPANT = "participant", "Participant"
    COACH = "coach", "Coach"
    ORGANIZER = "organizer", "Organizer"


class Event(models.Model):
    """One hackathon."""

    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=80)
    tagline = models.CharField(max_length=160, blank=True)
    venue = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=60, default="UTC", validators=[check_time_zone])
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    team_size_limit = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    teams_lock_at = models.DateTimeField(
        null=True, blank=True, help_text="From then on nobody joins or leaves a team."
    )
    shows_excerpts = models.BooleanField(
        "shows what a failed run printed",
        default=True,
        help_text="The last words of a run on hidden data, to the team it belongs to. "
        "They help to find a fault, and a model that fails on purpose can print hidden inputs in them.",
    )
    code_of_conduct = models.TextField(
        blank=True, default=CODE_OF_CONDUCT, max_length=10_000, help_text="In Markdown."
    )
    secret = models.CharField(
        max_length=64, default=new_secret, editable=False, help_text="Seed of the hidden splits."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="event_ends_after_start",
                violation_error_message="The event must end after it starts.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which its days begin and its times are shown."""
        return ZoneInfo(self.time_zone)


class Role(models.Model):
    """What somebody is in an event. One role a person and event."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="roles")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="roles")
    name = models.CharField(max_length=12, choices=RoleName)
    since = models.DateTimeField(auto_now_add=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    """When the person agreed to the code of conduct."""
    conduct_digest = models.CharField(max_length=64, blank=True)
    """SHA-256 of what was agreed to."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "user"], name="one_role_per_event")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_name_display()}"


class Invitation(models.Model):
    """A single-use, expiring link. Only a digest of its token is kept."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=12, choices=RoleName, default=RoleName.PARTICIPANT)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "email"],
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="one_pending_invitation_per_address",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.event}"


class Session(models.Model):
    """An item of an event's agenda. An open one may be attended by anybody who registers."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="sessions")
    title = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    room = models.CharField(max_length=80, blank=True)
    speaker = models.CharField(max_length=120, blank=True)
    abstract = models.TextField(blank=True, max_length=2000)
    slides_url = models.URLField("slides", blank=True)
    is_open = models.BooleanField("open to anybody who registers", default=False)
    capacity = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Seats of an open session."
    )

    class Meta:
        ordering = ["starts_at", "ends_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="session_ends_after_start",
                violation_error_message="The session must end after it starts.",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Registration(models.Model):
    """Somebody's seat in an open session, or a place on its waitlist. No account is needed."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="registrations")
    name = models.CharField(max_length=80)
    email = models.EmailField()
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    """Of the link that cancels it."""
    waits = models.BooleanField(default=False)
    at = models.DateTimeField(auto_now_add=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    checked_in_at = models.DateTimeField(null=True, blank=True)
    checked_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "email"],
                condition=Q(cancelled_at__isnull=True),
                name="one_seat_per_address",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.session}"


class Wording(models.Model):
    """The organizers' own words for one of an event's mails. Without a row the mail has its first words."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="wordings")
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=150)
    body = models.TextField(max_length=5000)

    class Meta:
        ordering = ["kind"]
        constraints = [models.UniqueConstraint(fields=["event", "kind"], name="one_wording_per_mail")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.event}"
