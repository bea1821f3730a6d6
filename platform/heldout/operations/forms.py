"""What organizers say when they intervene."""

from datetime import datetime
from typing import Any

from django import forms

from heldout.catalog.models import Challenge
from heldout.events.forms import LocalTimeInput, check_year
from heldout.events.models import Event
from heldout.submissions.intervening import MOST_TRIES
from heldout.submissions.models import PauseScope
from heldout.teams.models import Team


class Intervention(forms.Form):
    """What an organizer does in an event; its challenges and teams are that event's."""

    def __init__(self, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = event.zone
        own = {"challenge": Challenge.objects.filter(event=event), "team": Team.objects.filter(event=event)}
        for name, rows in own.items():
            if name in self.fields:
                self.fields[name].queryset = rows  # type: ignore[attr-defined]


class PauseForm(Intervention):
    """Something is to stand still."""

    scope = forms.ChoiceField(label="Pause", choices=PauseScope.choices)
    challenge = forms.ModelChoiceField(
        Challenge.objects.none(), required=False, empty_label="every challenge"
    )
    reason = forms.CharField(max_length=200, help_text="Teams read it.")


class TeamForm(Intervention):
    """Something about one team on one challenge."""

    challenge = forms.ModelChoiceField(Challenge.objects.none())
    team = forms.ModelChoiceField(Team.objects.none())


class GrantForm(TeamForm):
    """More tries today."""

    tries = forms.IntegerField(label="Tries, today", min_value=1, max_value=MOST_TRIES, initial=1)
    reason = forms.CharField(max_length=200)


class ExtensionForm(TeamForm):
    """A later deadline."""

    until = forms.DateTimeField(widget=LocalTimeInput, validators=[check_year])
    reason = forms.CharField(max_length=200)

    def clean_until(self) -> datetime:
        """Give the time the event's zone."""
        until: datetime = self.cleaned_data["until"]
        return until.replace(tzinfo=self.zone)


class DisqualifyForm(forms.Form):
    """Why a submission counts no more."""

    reason = forms.CharField(max_length=300, help_text="The team reads it.")


class DisqualifyTeamForm(Intervention):
    """Why a team counts no more, on any challenge."""

    team = forms.ModelChoiceField(Team.objects.none())
    reason = forms.CharField(max_length=300, help_text="The team reads it.")
