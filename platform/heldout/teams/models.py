"""Teams: the only competing unit. One person is a team of one."""

import secrets
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from heldout.accounts.models import ApiToken
from heldout.events.models import Event

JOIN_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def new_join_code() -> str:
    """Eight letters that cannot be mistaken for each other when read aloud."""
    return "".join(secrets.choice(JOIN_CODE_LETTERS) for _ in range(8))


def name_key(name: str) -> str:
    """What must differ between two teams. Computed here because databases fold case differently."""
    return name.casefold()


class Team(models.Model):
    """Participants of one event who share submissions."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="teams")
    name = models.CharField(max_length=40)
    name_key = models.CharField(max_length=120, editable=False)
    join_code = models.CharField(max_length=8, unique=True, default=new_join_code)
    coach = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="coached_teams",
    )
    captain = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    """Who made it, or was handed it: takes members out and disbands it."""
    seeks = models.CharField(max_length=200, blank=True)
    """Whom it looks for, as the team finder shows it; empty: nobody."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name_key"]
        constraints = [
            models.UniqueConstraint(fields=["event", "name_key"], name="one_team_name_per_event"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep `name_key` true to `name`."""
        self.name_key = name_key(self.name)
        super().save(*args, **kwargs)


class Membership(models.Model):
    """Somebody's place in a team. `event` repeats the team's, so that the database forbids two teams."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["joined_at"]
        constraints = [models.UniqueConstraint(fields=["event", "user"], name="one_team_per_event")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class TeamToken(models.Model):
    """A key by which a machine acts for a team, as the member who made it.

    It hangs on that member's place in the team, so that it ends with the place or the team, for good.
    """

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="tokens")
    token = models.OneToOneField(ApiToken, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["-token__created_at", "-id"]

    def __str__(self) -> str:
        return self.token.name


SKILLS = [
    (1, "New to machine learning"),
    (2, "I have followed a course"),
    (3, "I have trained models"),
    (4, "I train models at work"),
    (5, "I could teach it"),
]


class Profile(models.Model):
    """What somebody says in an event for the team finder, and for teams that are made beforehand."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="profiles")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profiles")
    company = models.CharField("company or school", max_length=80, blank=True)
    skill = models.PositiveSmallIntegerField(
        "your experience", choices=SKILLS, default=3, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    about = models.CharField("about you", max_length=200, blank=True)
    looks_for_team = models.BooleanField("show me to teams that look for members", default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "user"], name="one_profile_per_event")]

    def __str__(self) -> str:
        return f"{self.user} in {self.event}"


class ApproachKind(models.TextChoices):
    REQUEST = "request", "Asks to join"
    INVITATION = "invitation", "Is invited"


class Approach(models.Model):
    """Somebody asks a team to be taken in, or a team asks somebody to come."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="approaches")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="approaches")
    kind = models.CharField(max_length=10, choices=ApproachKind)
    words = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    accepted = models.BooleanField(default=False)

    class Meta:
        ordering = ["at"]
        verbose_name_plural = "approaches"
        constraints = [
            models.UniqueConstraint(
                fields=["team", "user"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_approach_per_pair",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.team}"


class UnwelcomeWords(models.Model):
    """Words that the names of an event's teams may not have, besides those of the site's own list."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="unwelcome_words")
    words = models.TextField(blank=True, max_length=4000)

    class Meta:
        verbose_name_plural = "unwelcome words"

    def __str__(self) -> str:
        return f"Unwelcome in {self.event}"
