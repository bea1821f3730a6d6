"""What the pages of an event ask for."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.text import slugify

from heldout.accounts.models import User
from heldout.events.models import Event, RoleName, Session, check_time_zone
from heldout.events.wording_kinds import WordingKind
from heldout.events.wording_text import faults

RESERVED_SLUGS = {"new"}


YEARS = range(2000, 2100)


def check_year(at: datetime) -> None:
    """Raise ValidationError for years in which there are no events: in some zones there is no such moment."""
    if at.year not in YEARS:
        raise forms.ValidationError(f"Choose a time between the years {YEARS.start} and {YEARS.stop}.")


class LocalTimeInput(forms.DateTimeInput):
    """The browser's own picker of date and time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class EventForm(forms.Form):
    """A new event. Its times are typed as clocks show them at the venue."""

    name = forms.CharField(max_length=80)
    slug = forms.SlugField(
        max_length=60,
        required=False,
        label="Short name in addresses",
        help_text="Letters, digits and hyphens. Left empty, it is made from the name.",
    )
    tagline = forms.CharField(max_length=160, required=False, help_text="One line below the name.")
    venue = forms.CharField(max_length=120, required=False)
    time_zone = forms.CharField(
        max_length=60, initial="UTC", validators=[check_time_zone], help_text="For example Europe/Amsterdam."
    )
    starts_at = forms.DateTimeField(label="Starts", widget=LocalTimeInput, validators=[check_year])
    ends_at = forms.DateTimeField(label="Ends", widget=LocalTimeInput, validators=[check_year])
    team_size_limit = forms.IntegerField(
        label="Most members a team may have", min_value=1, max_value=50, initial=5
    )
    teams_lock_at = forms.DateTimeField(
        label="Teams lock",
        required=False,
        widget=LocalTimeInput,
        validators=[check_year],
        help_text="From then on only organizers move people between teams.",
    )

    def clean(self) -> dict[str, Any]:
        """Check what takes more than one field: the slug is free, the event ends after it starts."""
        cleaned = super().clean() or {}
        slug = cleaned["slug"] = cleaned.get("slug") or slugify(cleaned.get("name", ""))[:60]
        if not slug:
            self.add_error("slug", "Addresses have no such letters. Write a short name here.")
        elif slug in RESERVED_SLUGS or Event.objects.filter(slug=slug).exists():
            self.add_error("slug", f"“{slug}” is taken. Choose another short name.")
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", "The event must end after it starts.")
        return cleaned

    def values(self) -> dict[str, Any]:
        """The fields of the event, with times in its zone."""
        zone = ZoneInfo(self.cleaned_data["time_zone"])
        return {
            name: value.replace(tzinfo=zone) if isinstance(value, datetime) else value
            for name, value in self.cleaned_data.items()
        }


class InviteForm(forms.Form):
    """People to invite, all in one role."""

    addresses = forms.CharField(
        label="Mail addresses",
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "ada@example.org\ngrace@example.org"}),
        help_text="One a line, or parted by commas. Each gets a link of their own.",
    )
    role = forms.ChoiceField(label="Invite as", choices=RoleName.choices)


class NewcomerForm(forms.Form):
    """Who has been invited and has no account yet."""

    name = forms.CharField(
        label="Your name", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Without one you sign in by codes that we mail to you.",
    )

    def __init__(self, email: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        """A password that the site's validators accept for this person, or none."""
        password: str = self.cleaned_data["password"]
        if password:
            validate_password(password, User(email=self.email, name=self.cleaned_data.get("name", "")))
        return password


class SessionForm(forms.ModelForm):  # type: ignore[type-arg]  # no class to subscript at run time
    """An item of the agenda. Its times are typed as clocks show them at the venue."""

    starts_at = forms.DateTimeField(label="Starts", widget=LocalTimeInput, validators=[check_year])
    ends_at = forms.DateTimeField(label="Ends", widget=LocalTimeInput, validators=[check_year])

    slides_url = forms.URLField(label="Slides", required=False, assume_scheme="https")

    class Meta:
        model = Session
        fields = (
            "title", "starts_at", "ends_at", "room", "speaker", "abstract", "slides_url",
            "is_open", "capacity",
        )  # fmt: skip

    def __init__(self, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.event = event
        self.zone = event.zone
        for name in ("starts_at", "ends_at"):
            if at := getattr(self.instance, name, None):
                self.initial[name] = at.astimezone(self.zone).replace(tzinfo=None)

    def clean(self) -> dict[str, Any]:
        """Give the times the event's zone, and check their order."""
        cleaned = super().clean() or {}
        for name in ("starts_at", "ends_at"):
            if cleaned.get(name):
                cleaned[name] = cleaned[name].replace(tzinfo=self.zone)
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", "The session must end after it starts.")
        return cleaned


class RegistrationForm(forms.Form):
    """Somebody who would like to attend an open session."""

    name = forms.CharField(
        label="Your name", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(label="Mail", widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class WordingForm(forms.Form):
    """The words of a mail."""

    subject = forms.CharField(max_length=150)
    body = forms.CharField(
        label="Text",
        max_length=5000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text="In Markdown.",
    )

    def __init__(self, kind: WordingKind, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    def clean(self) -> dict[str, Any]:
        """Placeholders that are known, and those that the mail cannot do without."""
        cleaned = super().clean() or {}
        if "subject" in cleaned and "body" in cleaned:
            for where, texts in faults(self.kind, cleaned["subject"], cleaned["body"]).items():
                self.add_error(where, texts)
        return cleaned
