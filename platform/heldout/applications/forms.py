"""What the pages of applications ask for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms

from heldout.applications.models import Application, ApplicationState, Intake, Question, QuestionKind
from heldout.events.forms import LocalTimeInput, check_year
from heldout.events.models import Event
from heldout.teams.models import SKILLS

LONGEST_LINE = 200
LONGEST_TEXT = 4000


class ApplicationForm(forms.Form):
    """Somebody who would like to take part: about the person, then the organizer's own questions."""

    name = forms.CharField(
        label="Your name", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label="Mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    company = forms.CharField(
        label="Company or school",
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        help_text="Teams are mixed, so that people meet.",
    )
    skill = forms.TypedChoiceField(label="Your experience", choices=SKILLS, coerce=int)

    def __init__(self, event: Event, questions: list[Question], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for question in questions:
            self.fields[f"question-{question.pk}"] = _field(question)
        if event.code_of_conduct:
            self.fields["conduct"] = forms.BooleanField(label="I keep to the code of conduct")
        self.fields["consent"] = forms.BooleanField(
            label="These data may be used to choose participants and to form teams of this event"
        )

    def facts(self) -> dict[str, Any]:
        """What is asked of everybody."""
        return {name: self.cleaned_data[name] for name in ("name", "email", "company", "skill")}

    def answers(self) -> dict[int, str]:
        """What was answered, by the question's number."""
        given = {question.pk: self.cleaned_data[f"question-{question.pk}"] for question in self.questions}
        return {number: "" if value is None else str(value) for number, value in given.items()}


def _field(question: Question) -> forms.Field:
    """The field that a question is answered in."""
    common: dict[str, Any] = {"label": question.text, "required": question.required}
    match question.kind:
        case QuestionKind.TEXT:
            rows = forms.Textarea(attrs={"rows": 4})
            return forms.CharField(max_length=LONGEST_TEXT, widget=rows, **common)
        case QuestionKind.CHOICE:
            choices = [("", "Choose one"), *((option, option) for option in question.options)]
            return forms.ChoiceField(choices=choices, **common)
        case QuestionKind.NUMBER:
            return forms.DecimalField(max_digits=12, decimal_places=3, **common)
        case _:
            return forms.CharField(max_length=LONGEST_LINE, **common)


class IntakeForm(forms.ModelForm):  # type: ignore[type-arg]  # no class to subscript at run time
    """How the event takes applications. Times are those of the venue."""

    opens_at = forms.DateTimeField(
        label="Applications open",
        required=False,
        widget=LocalTimeInput,
        validators=[check_year],
        help_text="From then on the event has a public page. Left empty, it has none.",
    )
    closes_at = forms.DateTimeField(
        label="Applications close", required=False, widget=LocalTimeInput, validators=[check_year]
    )
    code_of_conduct = forms.CharField(
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="In Markdown. Whoever applies or accepts an invitation agrees to it.",
    )

    class Meta:
        model = Intake
        fields = ("opens_at", "closes_at", "places", "words")

    def __init__(self, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.event = event
        self.zone = event.zone
        self.initial["code_of_conduct"] = event.code_of_conduct
        for name in ("opens_at", "closes_at"):
            if at := getattr(self.instance, name, None):
                self.initial[name] = at.astimezone(self.zone).replace(tzinfo=None)

    def clean(self) -> dict[str, Any]:
        """Give the times the event's zone, and check their order."""
        cleaned = super().clean() or {}
        for name in ("opens_at", "closes_at"):
            if isinstance(cleaned.get(name), datetime):
                cleaned[name] = cleaned[name].replace(tzinfo=self.zone)
        opens, closes = cleaned.get("opens_at"), cleaned.get("closes_at")
        if closes and not opens:
            self.add_error("opens_at", "Say when applications open, too.")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", "Applications must close after they open.")
        return cleaned

    def values(self) -> dict[str, Any]:
        """The fields of the intake."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class QuestionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A question to applicants."""

    class Meta:
        model = Question
        fields = ("text", "kind", "choices", "required")
        widgets: Mapping[str, forms.Widget] = {"choices": forms.Textarea(attrs={"rows": 3})}

    def clean(self) -> dict[str, Any]:
        """One of several needs several."""
        cleaned = super().clean() or {}
        options = [line for line in cleaned.get("choices", "").splitlines() if line.strip()]
        if cleaned.get("kind") == QuestionKind.CHOICE and len(options) < 2:
            self.add_error("choices", f"Found {len(options)}; write at least 2, one a line.")
        return cleaned


class FilterForm(forms.Form):
    """Which applications an organizer looks at."""

    state = forms.ChoiceField(required=False, choices=[("", "All"), *ApplicationState.choices])
    skill = forms.TypedChoiceField(
        label="Experience", required=False, choices=[("", "Any"), *SKILLS], coerce=int, empty_value=None
    )
    text = forms.CharField(required=False, label="Search", max_length=100)


class DecisionForm(forms.Form):
    """What becomes of the ticked applications."""

    chosen = forms.TypedMultipleChoiceField(coerce=int, required=False)
    decision = forms.ChoiceField(
        choices=[
            ("shortlist", "Shortlist"),
            ("accept", "Accept"),
            ("waitlist", "Waitlist"),
            ("decline", "Decline"),
        ]
    )

    def __init__(self, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = Application.objects.filter(event=event).values_list("pk", flat=True)
        self.fields["chosen"].choices = [(number, number) for number in numbers]  # type: ignore[attr-defined]


class NotesForm(forms.Form):
    """The organizers' own notes on an application."""

    notes = forms.CharField(
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Applicants never see them.",
    )


class RosterForm(forms.Form):
    """A CSV file of people to invite."""

    file = forms.FileField(label="CSV file", help_text="In UTF-8, with a first row that names the columns.")
