"""Pages on which people and teams find each other, and captains and organizers arrange teams."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from heldout.accounts.models import User
from heldout.events.access import SignedInRequest, event_member, event_organizer
from heldout.events.answers import attempt
from heldout.events.models import Event, RoleName
from heldout.events.rules import Refusal, role_of
from heldout.teams import actions, meeting, queries
from heldout.teams.forms import AssignForm, MemberForm, ProfileForm, TeamNameForm
from heldout.teams.models import Approach, Team
from heldout.teams.proposing import make_proposed, propose
from heldout.teams.rules import are_locked

UNPROCESSABLE = 422


@event_member
def finder(request: SignedInRequest, event: Event) -> HttpResponse:
    """Teams that look for members, people who look for a team, and what the reader says of themselves."""
    is_participant = role_of(request.user, event) == RoleName.PARTICIPANT
    posted = request.POST if request.method == "POST" and is_participant else None
    form = ProfileForm(posted, instance=queries.profile_of(event, request.user))
    if form.is_valid():
        meeting.keep_profile(event, request.user, **form.cleaned_data)
        messages.success(request, "It is kept.")
        return redirect("finder", event.slug)
    context = {
        "event": event,
        "form": form if is_participant else None,
        "teams": queries.seeking_teams(event),
        "people": queries.people_who_look(event),
        "team": queries.team_of(request.user, event),
        "is_locked": are_locked(event, timezone.now()),
        "asked": queries.open_approaches_of(request.user, event),
    }
    return render(request, "teams/finder.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
@event_member
def seek(request: SignedInRequest, event: Event) -> HttpResponse:
    """Say whom our team looks for."""
    words = request.POST.get("words", "")[:200].strip()
    done = "The team finder shows it." if words else "Your team is out of the finder."
    return _of_ours(request, event, lambda ours: meeting.seek(ours, words, request.user), done)


@require_POST
@event_member
def ask_to_join(request: SignedInRequest, event: Event, team: int) -> HttpResponse:
    """Ask a team to take the reader in."""
    found = get_object_or_404(Team.objects.select_related("event"), pk=team, event=event)
    words = request.POST.get("words", "")[:200].strip()
    attempt(
        request,
        lambda: meeting.ask_to_join(found, request.user, words),
        f"{found.name} sees that you would like to join.",
    )
    return redirect("finder", event.slug)


@require_POST
@event_member
def invite_person(request: SignedInRequest, event: Event, person: int) -> HttpResponse:
    """Ask somebody who looks for a team to join ours."""
    user = get_object_or_404(User, pk=person, profiles__event=event, profiles__looks_for_team=True)
    words = request.POST.get("words", "")[:200].strip()
    done = f"{user} sees that you would like them to join."
    return _of_ours(
        request, event, lambda ours: meeting.invite_into(ours, user, request.user, words), done, "finder"
    )


@require_POST
@event_member
def answer_approach(request: SignedInRequest, event: Event, approach: int, answer: str) -> HttpResponse:
    """Say yes or no to a request or an invitation. Others than the two sides find nothing here."""
    mine = queries.approaches_for(request.user, event)
    found = get_object_or_404(mine.select_related("team__event", "user"), pk=approach)
    act: Callable[[Approach, User], None] = meeting.accept if answer == "accept" else meeting.decline
    done = f"{found.user} is in {found.team.name} now." if answer == "accept" else "It is closed."
    attempt(request, lambda: act(found, request.user), done)
    return redirect("team", event.slug)


@require_POST
@event_member
def hand_over(request: SignedInRequest, event: Event) -> HttpResponse:
    """Make another member the captain."""
    form = MemberForm(event, request.POST)
    who = form.cleaned_data["member"] if form.is_valid() else None
    if who is None:
        messages.error(request, "Choose a member of your team.")
        return redirect("team", event.slug)
    return _of_ours(
        request, event, lambda ours: actions.hand_over(ours, who, request.user), f"{who} is the captain now."
    )


@require_POST
@event_member
def remove_member(request: SignedInRequest, event: Event) -> HttpResponse:
    """Take a member out of our team."""
    form = MemberForm(event, request.POST)
    who = form.cleaned_data["member"] if form.is_valid() else None
    if who is None:
        messages.error(request, "Choose a member of your team.")
        return redirect("team", event.slug)
    return _of_ours(
        request, event, lambda ours: actions.remove_member(ours, who, request.user), f"{who} is out of it."
    )


@require_POST
@event_member
def disband(request: SignedInRequest, event: Event) -> HttpResponse:
    """Remove our team, which has handed in nothing."""
    done = "The team is disbanded."
    return _of_ours(request, event, lambda ours: actions.disband(ours, request.user), done)


def _of_ours(
    request: SignedInRequest, event: Event, act: Callable[[Team], object], done: str, back: str = "team"
) -> HttpResponse:
    """Do something with the reader's own team, if there is one."""
    ours = queries.team_of(request.user, event)
    if ours is not None:
        attempt(request, lambda: act(ours), done)
    return redirect(back, event.slug)


@require_POST
@event_organizer
def rename_any(request: SignedInRequest, event: Event, team: int) -> HttpResponse:
    """Give a team another name, for example when it offends somebody."""
    found, form = get_object_or_404(Team, pk=team, event=event), TeamNameForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Type a name of at most 40 characters.")
        return redirect("teams", event.slug)
    name = form.cleaned_data["name"]
    attempt(
        request, lambda: actions.rename_team(found, name, request.user), f"The team is called {name} now."
    )
    return redirect("teams", event.slug)


@require_POST
@event_organizer
def empty_team(request: SignedInRequest, event: Event, team: int) -> HttpResponse:
    """Take everybody out of a team; its history stays."""
    found = get_object_or_404(Team.objects.select_related("event"), pk=team, event=event)
    attempt(request, lambda: actions.empty_team(found, request.user), f"Nobody is in {found.name} now.")
    return redirect("teams", event.slug)


@require_POST
@event_organizer
def unwelcome_words(request: SignedInRequest, event: Event) -> HttpResponse:
    """Which words names of teams may not have."""
    words = request.POST.get("words", "")[:4000]
    done = "New names are held against this list. Rename teams that have one of its words."
    attempt(request, lambda: actions.keep_unwelcome_words(event, words, request.user), done)
    return redirect("teams", event.slug)


@event_organizer
def assign_teams(request: SignedInRequest, event: Event) -> HttpResponse:
    """Propose balanced teams of people without one; a second press makes them."""
    form = AssignForm(event, request.GET or {"size": event.team_size_limit, "seed": 1})
    if not form.is_valid():
        return render(request, "teams/assign.html", {"event": event, "form": form}, status=UNPROCESSABLE)
    size, seed = form.cleaned_data["size"], form.cleaned_data["seed"]
    if request.method == "POST":
        return _make(request, event, size, seed)
    context = {"event": event, "form": form, "proposal": propose(event, size, seed), "next_seed": seed + 1}
    return render(request, "teams/assign.html", {**context, "size": size})


def _make(request: SignedInRequest, event: Event, size: int, seed: int) -> HttpResponse:
    try:
        made = make_proposed(event, size, seed, request.POST.get("seen", ""), request.user)
    except Refusal as refusal:
        messages.error(request, f"{refusal.subject} {refusal.text}")
        return redirect(request.get_full_path())
    messages.success(request, f"{len(made)} teams are made. Their members can rename them.")
    return redirect("teams", event.slug)
