"""What organizers say when they intervene."""

from datetime import datetime
from typing import Any

from django import forms

from heldout.catalog.models import Challenge, Preparation, PreparationState
from heldout.events.forms import LocalTimeInput, check_year
from heldout.events.models import Event
from heldout.submissions.intervening import MOST_TRIES
from heldout.submissions.intervention_models import PauseScope
from heldout.submissions.models import Submission, SubmissionState
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


class RescoringForm(Intervention):
    """What is to be scored anew, and why."""

    challenge = forms.ModelChoiceField(Challenge.objects.none())
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label="every team")
    submission = forms.ModelChoiceField(
        Submission.objects.none(), required=False, empty_label="all that was scored"
    )
    preparation = forms.ModelChoiceField(
        Preparation.objects.none(),
        label="Version",
        required=False,
        empty_label="the one that the challenge uses",
        help_text="Another version is for the whole challenge.",
    )
    reason = forms.CharField(max_length=200, help_text="It is kept in the audit log.")

    def __init__(self, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(event, *args, **kwargs)
        scored = Submission.objects.filter(
            challenge__event=event, state=SubmissionState.SCORED, rehearsal=False
        ).select_related("team", "challenge")
        tested = Preparation.objects.filter(challenge__event=event, state=PreparationState.GREEN)
        self.fields["submission"].queryset = scored  # type: ignore[attr-defined]
        self.fields["preparation"].queryset = tested.select_related("challenge__event", "bundle")  # type: ignore[attr-defined]
        self.fields["preparation"].label_from_instance = _version  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse what belongs to another challenge or another team."""
        given = super().clean() or self.cleaned_data
        challenge = given.get("challenge")
        for name in ("submission", "preparation"):
            if challenge and given.get(name) and given[name].challenge_id != challenge.pk:
                self.add_error(name, f"That is of {given[name].challenge}; choose one of {challenge}.")
        one, team = given.get("submission"), given.get("team")
        if one and team and one.team_id != team.pk:
            self.add_error("submission", f"That is of {one.team}; choose one of {team}, or every team.")
        return given


def _version(preparation: Preparation) -> str:
    when = preparation.created_at.astimezone(preparation.challenge.event.zone)
    return f"{preparation.challenge} {preparation.bundle.version}, tested {when:%d %B, %H:%M}"
