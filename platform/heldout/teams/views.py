from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from heldout.events.access import SignedInRequest, event_member, event_organizer
from heldout.events.answers import attempt
from heldout.events.models import Event, RoleName
from heldout.events.queries import people_in
from heldout.events.rules import Refusal, is_organizer, role_of
from heldout.teams import actions
from heldout.teams.forms import CoachForm, JoinForm, MoveForm, TeamNameForm
from heldout.teams.models import Team
from heldout.teams.queries import (
    approaches_for,
    members,
    people_without_team,
    team_cards,
    team_of,
    words_unwelcome_in,
)
from heldout.teams.rules import are_locked


@event_member
def team(request: SignedInRequest, event: Event) -> HttpResponse:
    """Our team; for participants without one, the ways to get one. Others go to the list of teams."""
    ours = team_of(request.user, event)
    if ours is not None:
        return _team_page(request, event, ours, TeamNameForm(initial={"name": ours.name}))
    if role_of(request.user, event) == RoleName.PARTICIPANT:
        return _entrance_page(request, event, TeamNameForm(), JoinForm())
    return redirect("teams", event.slug)


@require_POST
@event_member
def create_team(request: SignedInRequest, event: Event) -> HttpResponse:
    """Make a team of one."""
    form = TeamNameForm(request.POST)
    if form.is_valid():
        try:
            made = actions.create_team(event, request.user, form.cleaned_data["name"])
        except Refusal as refusal:
            form.add_error("name", f"{refusal.subject} {refusal.text}")
        else:
            messages.success(request, f"{made.name} is yours. Tell your team mates its join code.")
            return redirect("team", event.slug)
    return _entrance_page(request, event, form, JoinForm(), status=422)


@require_POST
@event_member
def join_team(request: SignedInRequest, event: Event) -> HttpResponse:
    """Enter the team whose code was told."""
    form = JoinForm(request.POST)
    if form.is_valid():
        try:
            joined = actions.join_team(event, request.user, form.cleaned_data["code"])
        except Refusal as refusal:
            form.add_error("code", f"{refusal.subject} {refusal.text}")
        else:
            messages.success(request, f"You are in {joined.name}.")
            return redirect("team", event.slug)
    return _entrance_page(request, event, TeamNameForm(), form, status=422)


@require_POST
@event_member
def leave_team(request: SignedInRequest, event: Event) -> HttpResponse:
    """Leave our team."""
    ours = team_of(request.user, event)
    if ours is not None:
        attempt(request, lambda: actions.leave_team(ours, request.user), f"You have left {ours.name}.")
    return redirect("team", event.slug)


@require_POST
@event_member
def rename_team(request: SignedInRequest, event: Event) -> HttpResponse:
    """Give our team another name."""
    ours, form = team_of(request.user, event), TeamNameForm(request.POST)
    if ours is None:
        return redirect("team", event.slug)
    if form.is_valid():
        try:
            actions.rename_team(ours, form.cleaned_data["name"], request.user)
        except Refusal as refusal:
            form.add_error("name", f"{refusal.subject} {refusal.text}")
        else:
            messages.success(request, f"Your team is called {ours.name} now.")
            return redirect("team", event.slug)
    ours.refresh_from_db()
    return _team_page(request, event, ours, form, status=422)


@require_POST
@event_member
def new_join_code(request: SignedInRequest, event: Event) -> HttpResponse:
    """Replace the join code of our team."""
    ours = team_of(request.user, event)
    if ours is not None:
        attempt(
            request,
            lambda: actions.new_join_code(ours, request.user),
            "Your team has a new join code. The old one no longer works.",
        )
    return redirect("team", event.slug)


@event_member
def teams(request: SignedInRequest, event: Event) -> HttpResponse:
    """All teams of the event; organizers assign coaches and place people here."""
    organizes = is_organizer(request.user, event)
    context = {
        "event": event,
        "cards": team_cards(event, request.user),
        "organizes": organizes,
        "is_locked": are_locked(event, timezone.now()),
        "needs_team": role_of(request.user, event) == RoleName.PARTICIPANT
        and team_of(request.user, event) is None,
    }
    if organizes:
        context |= {
            "coaches": people_in(event, RoleName.COACH),
            "move_form": MoveForm(event),
            "alone": people_without_team(event),
            "unwelcome": words_unwelcome_in(event),
        }
    return render(request, "teams/teams.html", context)


@require_POST
@event_organizer
def assign_coach(request: SignedInRequest, event: Event, team: int) -> HttpResponse:
    """Give a team a coach, or none."""
    found, form = get_object_or_404(Team, pk=team, event=event), CoachForm(event, request.POST)
    if not form.is_valid():
        messages.error(request, "That person is not a coach of this event. Invite them as a coach first.")
        return redirect("teams", event.slug)
    coach = form.cleaned_data["coach"]
    attempt(
        request,
        lambda: actions.assign_coach(found, coach, request.user),
        f"{coach} coaches {found.name}." if coach else f"{found.name} has no coach now.",
    )
    return redirect("teams", event.slug)


@require_POST
@event_organizer
def move_member(request: SignedInRequest, event: Event) -> HttpResponse:
    """Put a participant into a team."""
    form = MoveForm(event, request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a participant and a team of this event.")
        return redirect("teams", event.slug)
    user, into = form.cleaned_data["user"], form.cleaned_data["team"]
    attempt(request, lambda: actions.move_member(user, into, request.user), f"{user} is in {into.name} now.")
    return redirect("teams", event.slug)


def _team_page(
    request: SignedInRequest, event: Event, ours: Team, form: TeamNameForm, status: int = 200
) -> HttpResponse:
    people = members(ours)
    context = {
        "event": event,
        "team": ours,
        "members": people,
        "places_left": max(0, event.team_size_limit - len(people)),
        "is_locked": are_locked(event, timezone.now()),
        "approaches": approaches_for(request.user, event).select_related("user", "team"),
        "leads": ours.captain_id == request.user.pk,
        "is_over": timezone.now() >= event.ends_at,
        "form": form,
    }
    return render(request, "teams/team.html", context, status=status)


def _entrance_page(
    request: SignedInRequest, event: Event, name_form: TeamNameForm, join_form: JoinForm, status: int = 200
) -> HttpResponse:
    """The two ways into a team, for whoever is in none."""
    if team_of(request.user, event) is not None or role_of(request.user, event) != RoleName.PARTICIPANT:
        errors = [*name_form.errors.get("name", []), *join_form.errors.get("code", [])]
        messages.error(request, " ".join(errors) or "Only participants form teams.")
        return redirect("team", event.slug)
    context = {
        "event": event,
        "name_form": name_form,
        "join_form": join_form,
        "is_locked": are_locked(event, timezone.now()),
        "approaches": approaches_for(request.user, event).select_related("user", "team"),
    }
    return render(request, "teams/entrance.html", context, status=status)
