"""What the pages of teams ask for."""

from django import forms
from django.core.validators import MaxValueValidator

from heldout.accounts.models import User
from heldout.accounts.tokens import LONGEST_DAYS
from heldout.events.models import Event, RoleName
from heldout.teams.models import SKILLS, Profile, Team


class TeamNameForm(forms.Form):
    """The name of a team."""

    name = forms.CharField(label="Team name", max_length=40)


class JoinForm(forms.Form):
    """The code that a member of a team has told."""

    code = forms.CharField(
        label="Join code",
        max_length=20,
        widget=forms.TextInput(attrs={"class": "code", "autocomplete": "off", "spellcheck": "false"}),
    )


class CoachForm(forms.Form):
    """Which coach of the event a team has, if any."""

    coach = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="No coach")

    def __init__(self, event: Event, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        coaches = User.objects.filter(roles__event=event, roles__name=RoleName.COACH)
        self.fields["coach"].queryset = coaches.order_by("name")  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    """A participant and the team to put them into."""

    user = forms.ModelChoiceField(User.objects.none(), label="Person", empty_label="Choose somebody")
    team = forms.ModelChoiceField(Team.objects.none(), label="Into", empty_label="Choose a team")

    def __init__(self, event: Event, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        people = User.objects.filter(roles__event=event, roles__name=RoleName.PARTICIPANT)
        self.fields["user"].queryset = people.order_by("name")  # type: ignore[attr-defined]
        self.fields["team"].queryset = Team.objects.filter(event=event)  # type: ignore[attr-defined]


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # no class to subscript at run time
    """What somebody says of themselves."""

    skill = forms.TypedChoiceField(label="Your experience", choices=SKILLS, coerce=int, initial=3)

    class Meta:
        model = Profile
        fields = ("company", "skill", "about", "looks_for_team")


class MemberForm(forms.Form):
    """A participant of the event."""

    member = forms.ModelChoiceField(User.objects.none())

    def __init__(self, event: Event, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        people = User.objects.filter(memberships__event=event)
        self.fields["member"].queryset = people  # type: ignore[attr-defined]


class AssignForm(forms.Form):
    """How teams are proposed."""

    size = forms.IntegerField(label="Members of a team", min_value=1)
    seed = forms.IntegerField(
        label="Draw", min_value=1, max_value=10_000, help_text="Another number, other teams."
    )

    def __init__(self, event: Event, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        size = self.fields["size"]
        size.max_value = event.team_size_limit  # type: ignore[attr-defined]
        size.validators.append(MaxValueValidator(event.team_size_limit))


class TeamTokenForm(forms.Form):
    """A new token of the team."""

    name = forms.CharField(max_length=40, help_text="What will use it, for example: our GPU machine.")
    days = forms.IntegerField(label="Days until it ends", min_value=1, max_value=LONGEST_DAYS, initial=7)
