"""What organizers decide about boards."""

from datetime import datetime
from typing import Any

from django import forms

from heldout.events.forms import LocalTimeInput, check_year
from heldout.events.models import Event
from heldout.leaderboards.models import BoardRules


class RulesForm(forms.ModelForm):  # type: ignore[type-arg]
    """How the event ranks."""

    class Meta:
        model = BoardRules
        fields = ["tie_order", "final_by", "chosen_limit", "rank_bonus", "growth_bonus"]
        labels = {
            "tie_order": "First among tied teams",
            "final_by": "The final ranking takes",
            "chosen_limit": "Most submissions a team may choose",
            "rank_bonus": "Bonus for rank, points",
            "growth_bonus": "Bonus for growth, points",
        }
        help_texts = {
            "chosen_limit": "Only where teams choose.",
            "rank_bonus": "For a passed challenge: all to the first, a small share to the last. 0 for none.",
            "growth_bonus": "For the whole way from a team's first score to the pass line. 0 for none.",
        }


class FreezeForm(forms.Form):
    """When the boards stand still, as clocks show it at the venue."""

    at = forms.DateTimeField(label="Freeze the boards at", widget=LocalTimeInput, validators=[check_year])

    def __init__(self, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = event.zone

    def moment(self) -> datetime:
        """The time in the event's zone."""
        at: datetime = self.cleaned_data["at"]
        return at.replace(tzinfo=self.zone)
