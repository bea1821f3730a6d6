"""What the pages of boards ask for."""

from datetime import datetime
from typing import Any

from django import forms

from heldout.events.forms import LocalTimeInput, check_year
from heldout.events.models import Event
from heldout.leaderboards.models import BoardRules


class BoardRulesForm(forms.ModelForm):  # type: ignore[type-arg]  # no class to subscript at run time
    """How the boards freeze and end. Times are those of the venue."""

    freezes_at = forms.DateTimeField(
        label="Boards freeze",
        required=False,
        widget=LocalTimeInput,
        validators=[check_year],
        help_text=BoardRules._meta.get_field("freezes_at").help_text,
    )

    class Meta:
        model = BoardRules
        fields = ("freezes_at", "final", "choices", "tie_order", "rank_bonus", "growth_bonus")

    def __init__(self, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.event = event
        self.zone = event.zone
        if at := self.instance.freezes_at:
            self.initial["freezes_at"] = at.astimezone(self.zone).replace(tzinfo=None)

    def clean_freezes_at(self) -> datetime | None:
        """Give the time the event's zone."""
        at: datetime | None = self.cleaned_data["freezes_at"]
        return at.replace(tzinfo=self.zone) if at else None

    def values(self) -> dict[str, Any]:
        """The fields of the rules."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}
