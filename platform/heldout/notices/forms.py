"""What the pages of notices ask for."""

from typing import Any

from django import forms

from heldout.catalog.models import Challenge
from heldout.notices.models import Announcement, Inquiry


class AnnouncementForm(forms.ModelForm):  # type: ignore[type-arg]  # no class to subscript at run time
    """Something to tell the people of an event."""

    by_mail = forms.BooleanField(label="also by mail", required=False)

    class Meta:
        model = Announcement
        fields = ("title", "body", "audience", "pinned")
        widgets = {"body": forms.Textarea(attrs={"rows": 4})}


class EditForm(AnnouncementForm):
    """The same, changed; no mail goes out again."""

    by_mail = None  # type: ignore[assignment]  # a form leaves a field out so


class InquiryForm(forms.ModelForm):  # type: ignore[type-arg]
    """A question."""

    class Meta:
        model = Inquiry
        fields = ("challenge", "text", "is_public")
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}
        labels = {"text": "Your question"}

    def __init__(self, challenges: list[Challenge], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["challenge"]
        field.queryset = Challenge.objects.filter(pk__in=[one.pk for one in challenges])  # type: ignore[attr-defined]
        field.empty_label = "the event"  # type: ignore[attr-defined]
        field.label = "About"


class AnswerForm(forms.Form):
    """An answer."""

    answer = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
