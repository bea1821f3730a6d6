"""What the pages of webhooks ask for."""

from django import forms

from heldout.webhooks.models import Topic


class HookForm(forms.Form):
    """A new address."""

    url = forms.CharField(label="Address", max_length=500, help_text="https, in the public Internet.")
    topics = forms.MultipleChoiceField(
        choices=Topic.choices,
        label="What it hears",
        widget=forms.CheckboxSelectMultiple,
        initial=[Topic.SCORED],
    )
