"""Reads about teams that pages and the API share."""

from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet

from heldout.accounts.models import User
from heldout.events.models import Event, RoleName
from heldout.events.rules import Viewer
from heldout.teams.balancing import Candidate
from heldout.teams.models import Approach, Membership, Profile, Team, UnwelcomeWords


def team_of(user: Viewer, event: Event) -> Team | None:
    """The team that `user` belongs to in `event`."""
    if not user.is_authenticated:
        return None
    found = Team.objects.filter(memberships__user=user, memberships__event=event)
    return found.select_related("coach", "event").first()


def members(team: Team) -> list[User]:
    """The people of `team`, those who joined first at the top."""
    return list(User.objects.filter(memberships__team=team).order_by("memberships__joined_at"))


def teams_of(event: Event) -> "QuerySet[Team]":
    """The teams of `event` by name, with their coach and `size`, the number of members."""
    teams = Team.objects.filter(event=event).select_related("coach")
    return teams.annotate(size=Count("memberships")).order_by("name_key")


def coached_teams(user: User, event: Event) -> list[Team]:
    """The teams that `user` coaches in `event`."""
    return list(teams_of(event).filter(coach=user))


@dataclass(frozen=True)
class TeamCard:
    """A team as the list shows it to one viewer."""

    team: Team
    members: list[User]
    is_mine: bool


def team_cards(event: Event, viewer: User) -> list[TeamCard]:
    """Every team of `event` with its members; two queries however many there are."""
    teams = teams_of(event).prefetch_related(
        Prefetch("memberships", Membership.objects.select_related("user"), to_attr="placed")
    )
    return [_card(team, [membership.user for membership in team.placed], viewer) for team in teams]


def people_without_team(event: Event) -> list[User]:
    """The participants of `event` who are in no team, by name."""
    participants = User.objects.filter(roles__event=event, roles__name=RoleName.PARTICIPANT)
    return list(participants.exclude(memberships__event=event).order_by("name"))


def _card(team: Team, people: list[User], viewer: User) -> TeamCard:
    return TeamCard(team, people, is_mine=viewer in people)


def profile_of(event: Event, user: User) -> Profile | None:
    """What somebody says of themselves in an event."""
    return Profile.objects.filter(event=event, user=user).first()


def seeking_teams(event: Event) -> "QuerySet[Team]":
    """Teams that look for members and have a place, by name, with `size`."""
    seeking = Team.objects.filter(event=event).exclude(seeks="").annotate(size=Count("memberships"))
    return seeking.filter(size__lt=event.team_size_limit).order_by("name_key")


def people_who_look(event: Event) -> "QuerySet[Profile]":
    """Participants without a team who want to be shown to teams. Nothing is said of others."""
    looking = Profile.objects.filter(event=event, looks_for_team=True, user__roles__event=event)
    alone = looking.filter(user__roles__name=RoleName.PARTICIPANT).exclude(user__memberships__event=event)
    return alone.select_related("user").order_by("user__name")


def approaches_for(user: User, event: Event) -> "QuerySet[Approach]":
    """Open requests and invitations of the user, and of the user's team."""
    own = Q(user=user) | Q(team__memberships__user=user)
    return Approach.objects.filter(own, team__event=event, closed_at=None).distinct()


def open_approaches_of(user: User, event: Event) -> set[int]:
    """The teams with which the user has something open."""
    open_ones = Approach.objects.filter(user=user, team__event=event, closed_at=None)
    return set(open_ones.values_list("team", flat=True))


def candidates(event: Event) -> list[Candidate]:
    """Participants without a team, with what they have said of skill and company."""
    profiles = {profile.user_id: profile for profile in Profile.objects.filter(event=event)}
    return [
        Candidate(user.pk, profile.skill, profile.company)
        if (profile := profiles.get(user.pk))
        else Candidate(user.pk)
        for user in people_without_team(event)
    ]


def words_unwelcome_in(event: Event) -> str:
    """Words that names of this event's teams may not have, one a line, beside those that the site knows."""
    return getattr(UnwelcomeWords.objects.filter(event=event).first(), "words", "")
