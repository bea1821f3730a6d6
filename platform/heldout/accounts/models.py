"""People. What somebody may do in an event is a role of that event (`heldout.events`)."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    """Makes accounts whose name is their mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an account; without a password it signs in by one-time code."""
        from allauth.account.models import EmailAddress

        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        EmailAddress.objects.create(user=user, email=user.email, primary=True)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an account that may do everything in the admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by mail address."""

    email = models.EmailField("mail address", unique=True)
    name = models.CharField(max_length=80, blank=True)
    is_staff = models.BooleanField(default=False, help_text="May open the admin and make new events.")
    is_active = models.BooleanField(default=True, help_text="Untick this instead of deleting an account.")
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ["email"]
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_address")]

    def __str__(self) -> str:
        return self.name or self.email

    by_token: str = ""
    """The name of the team's token that acts for them in this request; empty where they act themselves."""

    def get_full_name(self) -> str:
        """The name to show."""
        return str(self)

    def get_short_name(self) -> str:
        """The first word of the name."""
        return str(self).split(" ")[0].split("@")[0]


class Scope(models.TextChoices):
    READ = "read", "Read what I may see"
    SUBMIT = "submit", "Hand in for my team"
    TEAM = "team", "Found, join and leave teams, raise my hand, ask questions"
    COACH = "coach", "Sign off, open hints and answer as a coach"
    ORGANIZE = "organize", "Run events that I organize"


class ApiToken(models.Model):
    """A person's key for programs. Only a digest of it is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    scopes = models.JSONField(default=list)
    is_personal = models.BooleanField(default=True)
    """One that is not belongs to a team (`heldout.teams`), and without that team is of no use at all."""
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return self.name

    @property
    def scope_labels(self) -> list[str]:
        """What it may do, in words."""
        return [Scope(scope).label for scope in self.scopes]


class DeviceAnswer(models.TextChoices):
    WAITING = "waiting", "Waits for its person"
    ALLOWED = "allowed", "Allowed"
    REFUSED = "refused", "Refused"
    REDEEMED = "redeemed", "Has its token"


class DeviceLogin(models.Model):
    """A program that asks to act for somebody, who confirms it by a code in the browser."""

    name = models.CharField(max_length=60)
    scopes = models.JSONField(default=list)
    user_code = models.CharField(max_length=9, unique=True, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    answer = models.CharField(max_length=10, choices=DeviceAnswer.choices, default=DeviceAnswer.WAITING)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "device login"

    def __str__(self) -> str:
        return self.name

    @property
    def scope_labels(self) -> list[str]:
        """What it asks for, in words."""
        return [Scope(scope).label for scope in self.scopes]
