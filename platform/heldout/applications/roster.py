"""Inviting by a roster: a CSV file of people, with their roles and teams; all of them or nobody."""

import csv
import io
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from heldout.accounts.models import User
from heldout.applications.models import Application, Placement
from heldout.audit import actions as audit
from heldout.events.actions import invite_all, lock
from heldout.events.models import Event, Invitation, RoleName
from heldout.events.rules import Refusal
from heldout.teams.meeting import keep_profile
from heldout.teams.models import Membership, Team, name_key
from heldout.teams.rules import clean_name

COLUMNS = ("email", "role", "team")
MOST_PEOPLE = 500
SAMPLE = """email,role,team
ada@example.org,participant,Cairn
grace@example.org,coach,Cairn
"""


@dataclass(frozen=True)
class Person:
    """A row of the roster. `row` counts from 2, as a spreadsheet shows it."""

    row: int
    email: str
    role: RoleName
    team: str


@dataclass(frozen=True)
class Fault:
    """What is wrong with a cell."""

    row: int
    column: str
    found: str
    expected: str


@dataclass(frozen=True)
class Roster:
    """What a file says, and every fault of it."""

    people: list[Person]
    faults: list[Fault]


def read(content: bytes, event: Event) -> Roster:
    """Read a CSV file with the columns of `COLUMNS`, in UTF-8; other columns are left aside."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"the byte 0x{content[error.start]:02x} at {error.start}"
        return Roster([], [Fault(1, "the file", found, "text in UTF-8; save it as CSV UTF-8")])
    first = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    head = [name.strip().lower() for name in rows.fieldnames or []]
    if missing := [name for name in COLUMNS if name not in head]:
        found = ", ".join(head) or "nothing"
        return Roster([], [Fault(1, "the first row", found, f"columns {', '.join(missing)} as well")])
    rows.fieldnames = head
    return _checked(list(rows)[: MOST_PEOPLE + 1], event)


def _checked(rows: list[dict[str, Any]], event: Event) -> Roster:
    if not rows:
        return Roster([], [Fault(2, "the file", "no rows", "a row for each person")])
    if len(rows) > MOST_PEOPLE:
        return Roster([], [Fault(MOST_PEOPLE + 2, "the file", "more rows", f"at most {MOST_PEOPLE} people")])
    faults: list[Fault] = []
    people = [_person(number, row, faults) for number, row in enumerate(rows, start=2)]
    faults += [*_repeated(people), *_crowded(people, event)]
    return Roster(people, sorted(faults, key=lambda fault: fault.row))


def _person(number: int, row: dict[str, Any], faults: list[Fault]) -> Person:
    cells = {name: str(row.get(name) or "").strip() for name in COLUMNS}
    email, role = cells["email"].lower(), cells["role"].lower() or RoleName.PARTICIPANT
    try:
        validate_email(email)
    except ValidationError:
        faults.append(Fault(number, "email", cells["email"] or "nothing", "a mail address"))
    if role not in RoleName.values:
        faults.append(Fault(number, "role", cells["role"], f"one of {', '.join(RoleName.values)}"))
        role = RoleName.PARTICIPANT
    team = cells["team"]
    if team and role == RoleName.ORGANIZER:
        faults.append(Fault(number, "team", team, "nothing: organizers are in no team"))
    elif team:
        team = _clean(number, team, faults)
    return Person(number, email, RoleName(role), team)


def _clean(number: int, team: str, faults: list[Fault]) -> str:
    try:
        return clean_name(team)
    except Refusal as refusal:
        faults.append(Fault(number, "team", team[:60], refusal.text))
        return ""


def _repeated(people: list[Person]) -> list[Fault]:
    first: dict[str, int] = {}
    faults = []
    for person in people:
        other = first.setdefault(person.email, person.row)
        if other != person.row:
            faults.append(
                Fault(person.row, "email", person.email, f"each address once; it is in row {other}")
            )
    return faults


def _crowded(people: list[Person], event: Event) -> list[Fault]:
    """Teams with more members than the event allows, those counted that are there, and a second coach."""
    there = {team.name_key: team for team in Team.objects.filter(event=event).prefetch_related("memberships")}
    members = {key: team.memberships.count() for key, team in there.items()}
    coached = {key for key, team in there.items() if team.coach_id}
    faults = []
    for person in people:
        key = name_key(person.team)
        if person.team and person.role == RoleName.PARTICIPANT:
            members[key] = members.get(key, 0) + 1
            if members[key] > event.team_size_limit:
                expected = f"a team with a place left; {event.team_size_limit} is the limit"
                faults.append(Fault(person.row, "team", person.team, expected))
        if person.team and person.role == RoleName.COACH:
            if key in coached:
                faults.append(Fault(person.row, "team", person.team, "a team without another coach"))
            coached.add(key)
    return faults


@transaction.atomic
def invite_roster(event: Event, roster: Roster, actor: User) -> int:
    """Invite everybody of a roster without faults; gives how many. Raises Refusal, and then nobody is.

    Teams that are not there yet are made at once; who belongs to them is placed on accepting.
    """
    if roster.faults:
        raise Refusal("Nobody was invited.", "Correct the rows that are named, then choose the file again.")
    event = lock(event)
    for name in {person.team for person in roster.people if person.team}:
        _team(event, name, actor)
    for role in RoleName:
        wanted = [person for person in roster.people if person.role == role]
        if wanted:
            _invite(event, role, wanted, actor)
    return len(roster.people)


def _invite(event: Event, role: RoleName, people: list[Person], actor: User) -> None:
    for start in range(0, len(people), 100):
        part = people[start : start + 100]
        letters = invite_all(event, "\n".join(person.email for person in part), role, actor)
        teams = {person.email: person.team for person in part if person.team}
        Placement.objects.bulk_create(
            Placement(invitation=letter.invitation, team=teams[letter.invitation.email])
            for letter in letters
            if letter.invitation.email in teams
        )


def _team(event: Event, name: str, actor: User) -> Team:
    team = Team.objects.filter(event=event, name_key=name_key(name)).first()
    if team is None:
        team = Team.objects.create(event=event, name=name)
        audit.write("team.create", team, actor=actor, event_slug=event.slug, after={"name": name})
    return team


def place(sender: object, invitation: Invitation, user: User, **_: Any) -> None:
    """Put somebody who accepts into the team that the roster named, if there is still room in it.

    What an applicant has said of company and experience becomes the profile by which teams are balanced.
    """
    asked = Application.objects.filter(invitation=invitation).first()
    if asked is not None:
        keep_profile(invitation.event, user, company=asked.company, skill=asked.skill)
    found = Placement.objects.filter(invitation=invitation).first()
    if found is None:
        return
    event = lock(invitation.event)
    team = Team.objects.filter(event=event, name_key=name_key(found.team)).first()
    if team is None:
        return
    if invitation.role == RoleName.COACH and team.coach_id is None:
        Team.objects.filter(pk=team.pk).update(coach=user)
        audit.write("team.coach", team, actor=user, event_slug=event.slug, after={"coach": str(user)})
    if invitation.role == RoleName.PARTICIPANT and team.memberships.count() < event.team_size_limit:
        Membership.objects.create(team=team, event=event, user=user)
        audit.write("team.join", team, actor=user, event_slug=event.slug)
