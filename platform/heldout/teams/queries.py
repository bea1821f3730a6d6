"""Reads about teams that pages and the API share."""

from dataclasses import dataclass

from django.db.models import Count, Prefetch, QuerySet

from heldout.accounts.models import User
from heldout.events.models import Event, RoleName
from heldout.events.rules import Viewer
from heldout.teams.models import Membership, Team


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
