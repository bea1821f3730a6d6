"""The API: people who look for a team, and organizers who arrange teams."""

from typing import Annotated

from django.db.models import Prefetch
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from heldout.accounts.models import User
from heldout.api.auth import ORGANIZE, READ, TEAM
from heldout.api.finding import EVENT, caller, named, named_or_none, organized
from heldout.api.paging import Listed, Piece, newest_first, whole
from heldout.api.schemas import TeamOut
from heldout.api.team_schemas import ApproachOut, PersonIn, PersonOut, TeamCardOut, TeamIn, WordsIn
from heldout.api.words import Number, Written, changes
from heldout.events.access import find_event
from heldout.events.models import Event, Role, RoleName
from heldout.events.rules import role_of
from heldout.teams import actions, meeting
from heldout.teams.models import Membership, Profile, Team
from heldout.teams.queries import people_who_look, profile_of, team_cards, team_of, words_unwelcome_in

router = Router(auth=READ, tags=["placing"])
TEAM_OF = EVENT + "/teams/{team}"
Skill = Annotated[int, Field(ge=1, le=5)]
HERE = "places_here"
"""Under this name a person's place in a team of the event is fetched along."""
Words = Annotated[str, StringConstraints(max_length=200), Written]


class ProfileOut(Schema):
    """What somebody says for the team finder, and for teams that are made beforehand."""

    company: str
    skill: int
    """From 1, new to machine learning, to 5, who could teach it."""
    about: str
    looks_for_team: bool


class LookingOut(Schema):
    """Somebody who looks for a team and wants to be shown."""

    person: PersonOut
    company: str
    skill: int
    about: str

    @classmethod
    def shown(cls, profile: Profile) -> "LookingOut":
        """A person as teams see them."""
        return cls(
            person=PersonOut.shown(profile.user),
            company=profile.company,
            skill=profile.skill,
            about=profile.about,
        )


class ProfileIn(Schema):
    """What you say of yourself. What is left out stays as it is."""

    company: Annotated[str, StringConstraints(max_length=80), Written] | None = None
    skill: Skill | None = None
    about: Words | None = None
    looks_for_team: bool | None = None


class PersonOfEventOut(Schema):
    """Somebody of the event, and what they are in it."""

    person: PersonOut
    role: RoleName
    team: TeamOut | None

    @classmethod
    def shown(cls, role: Role) -> "PersonOfEventOut":
        """A person as organizers see them."""
        places: list[Membership] = getattr(role.user, HERE)
        return cls(
            person=PersonOut.shown(role.user),
            role=RoleName(role.name),
            team=TeamOut.of(places[0].team) if places else None,
        )


class CoachIn(Schema):
    """A coach of the event, by number; null for none."""

    person: Number | None


class UnwelcomeWords(Schema):
    """Words that names of teams may not have, one a line."""

    words: Annotated[str, StringConstraints(max_length=4000), Written]


def _participates(request: HttpRequest, event: str) -> Event:
    found = find_event(request.user, event)
    if role_of(request.user, found) != RoleName.PARTICIPANT:
        raise Http404("only participants have a profile")
    return found


def _team(event: Event, number: int) -> Team:
    return get_object_or_404(Team.objects.select_related("event", "coach"), pk=number, event=event)


def _card(event: Event, team: int, viewer: User) -> TeamCardOut:
    cards = team_cards(event, viewer)
    return next(TeamCardOut.shown(card) for card in cards if card.team.pk == team)


@router.get(EVENT + "/profile", response=ProfileOut, summary="What you say of yourself")
def profile(request: HttpRequest, event: str) -> ProfileOut:
    """For the team finder. Participants have one."""
    found = _participates(request, event)
    return ProfileOut.model_validate(profile_of(found, caller(request)) or Profile())


@router.patch(EVENT + "/profile", response=ProfileOut, auth=TEAM, summary="Say something of yourself")
def change_profile(request: HttpRequest, event: str, given: ProfileIn) -> ProfileOut:
    """With `looks_for_team` you are shown to teams while you are in none."""
    found = _participates(request, event)
    return ProfileOut.model_validate(meeting.keep_profile(found, caller(request), **changes(given)))


@router.get(EVENT + "/people/looking", response=Listed[LookingOut], summary="Who looks for a team")
def looking(request: HttpRequest, event: str) -> Listed[LookingOut]:
    """And wants to be shown, by name. The list always comes whole."""
    return whole(LookingOut.shown(one) for one in people_who_look(find_event(request.user, event)))


@router.post(
    EVENT + "/people/{person}/invite",
    response={201: ApproachOut},
    auth=TEAM,
    summary="Ask somebody to join your team",
)
def invite_person(
    request: HttpRequest, event: str, person: Path[Number], given: WordsIn
) -> Status[ApproachOut]:
    """Who looks for a team."""
    found = find_event(request.user, event)
    ours = team_of(request.user, found)
    if ours is None:
        raise Http404("the caller is in no team of this event")
    user = get_object_or_404(people_who_look(found), user=person).user
    return Status(201, ApproachOut.shown(meeting.invite_into(ours, user, caller(request), given.words)))


@router.get(
    EVENT + "/people", response=Listed[PersonOfEventOut], auth=ORGANIZE, summary="The people of the event"
)
def people(request: HttpRequest, event: str, piece: Query[Piece]) -> Listed[PersonOfEventOut]:
    """For organizers, newest first."""
    found = organized(request, event)
    places = Membership.objects.filter(event=found).select_related("team")
    roles = Role.objects.filter(event=found).select_related("user")
    with_teams = roles.prefetch_related(Prefetch("user__memberships", places, to_attr=HERE))
    return newest_first(with_teams, piece, PersonOfEventOut.shown)


@router.patch(TEAM_OF, response=TeamCardOut, auth=ORGANIZE, summary="Rename any team")
def rename_any(request: HttpRequest, event: str, team: Path[Number], given: TeamIn) -> TeamCardOut:
    """For organizers, at any time."""
    event_found = organized(request, event)
    actions.rename_team(_team(event_found, team), given.name, caller(request))
    return _card(event_found, team, caller(request))


@router.post(TEAM_OF + "/coach", response=TeamCardOut, auth=ORGANIZE, summary="Give a team a coach, or none")
def assign_coach(request: HttpRequest, event: str, team: Path[Number], given: CoachIn) -> TeamCardOut:
    """In place of the one that it has."""
    event_found = organized(request, event)
    found = _team(event_found, team)
    coaches = User.objects.filter(roles__event=event_found, roles__name=RoleName.COACH)
    coach = named_or_none(coaches, "person", given.person, "the number of a coach of this event")
    actions.assign_coach(found, coach, caller(request))
    return _card(event_found, team, caller(request))


@router.get(
    EVENT + "/unwelcome-words",
    response=UnwelcomeWords,
    auth=ORGANIZE,
    summary="Words that no team's name may have",
)
def unwelcome_words(request: HttpRequest, event: str) -> UnwelcomeWords:
    """Of this event, beside those that the site knows."""
    return UnwelcomeWords(words=words_unwelcome_in(organized(request, event)))


@router.patch(
    EVENT + "/unwelcome-words",
    response=UnwelcomeWords,
    auth=ORGANIZE,
    summary="Say which words no team's name may have",
)
def keep_unwelcome_words(request: HttpRequest, event: str, given: UnwelcomeWords) -> UnwelcomeWords:
    """New names are held against them. Rename teams that have one."""
    found = organized(request, event)
    actions.keep_unwelcome_words(found, given.words, caller(request))
    return UnwelcomeWords(words=words_unwelcome_in(found))


@router.post(TEAM_OF + "/members", response=TeamCardOut, auth=ORGANIZE, summary="Put somebody into a team")
def move_member(request: HttpRequest, event: str, team: Path[Number], given: PersonIn) -> TeamCardOut:
    """Out of the present one, if any. What was handed in stays with the team that did."""
    event_found = organized(request, event)
    into = _team(event_found, team)
    participants = User.objects.filter(roles__event=event_found, roles__name=RoleName.PARTICIPANT)
    who = named(participants, "person", given.person, "the number of a participant of this event")
    actions.move_member(who, into, caller(request))
    return _card(event_found, team, caller(request))


@router.post(TEAM_OF + "/empty", response=TeamCardOut, auth=ORGANIZE, summary="Take everybody out of a team")
def empty_team(request: HttpRequest, event: str, team: Path[Number]) -> TeamCardOut:
    """Its join code changes; what was handed in stays."""
    event_found = organized(request, event)
    actions.empty_team(_team(event_found, team), caller(request))
    return _card(event_found, team, caller(request))
