"""What the page of a challenge's gates asks for."""

from typing import Any

from django import forms

from heldout.catalog.models import Challenge, GateKind
from heldout.events.forms import LocalTimeInput, check_year
from heldout.teams.models import Team


class GateForm(forms.Form):
    """A new gate; which of the fields it needs depends on its kind. The time is typed as at the venue."""

    kind = forms.ChoiceField(label="It opens when", choices=GateKind.choices)
    at = forms.DateTimeField(label="Time", required=False, widget=LocalTimeInput, validators=[check_year])
    after = forms.ModelChoiceField(
        label="Earlier challenge", queryset=Challenge.objects.none(), required=False, empty_label="None"
    )
    score = forms.FloatField(label="Score to reach", required=False)

    def __init__(self, challenge: Challenge, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = challenge.event.zone
        earlier = Challenge.objects.filter(event=challenge.event, position__lt=challenge.position)
        self.fields["after"].queryset = earlier  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """The fields of the gate, with its time in the event's zone."""
        at = self.cleaned_data["at"]
        return {
            "at": at.replace(tzinfo=self.zone) if at else None,
            "after": self.cleaned_data["after"],
            "score": self.cleaned_data["score"],
        }


class OpeningForm(forms.Form):
    """A team to open the challenge for by hand."""

    team = forms.ModelChoiceField(queryset=Team.objects.none())
    reason = forms.CharField(max_length=200, help_text="Kept in the audit log.")

    def __init__(self, challenge: Challenge, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.filter(event=challenge.event).exclude(openings__challenge=challenge)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
