"""Inviting by a CSV file: every fault by row and column, all or nobody, placed on accepting."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from heldout.accounts.models import User
from heldout.applications import roster
from heldout.audit.models import AuditEntry
from heldout.events.actions import accept_as_new
from heldout.events.models import Event, Invitation
from heldout.events.rules import Refusal
from heldout.teams.models import Team
from tests.heldout.factories import make_coach, make_participant, make_team, make_user

pytestmark = pytest.mark.django_db(transaction=True)
GOOD = b"""email,role,team
ada@example.org,participant,Cairn
grace@example.org,coach,Cairn
zoe@example.org,organizer,
"""


def faults(content: bytes, event: Event) -> list[tuple[int, str, str, str]]:
    return [(f.row, f.column, f.found, f.expected) for f in roster.read(content, event).faults]


def test_each_fault_is_named_by_row_and_column(event: Event) -> None:
    event.team_size_limit = 2
    content = (
        "Email;Role;Team;Shirt\n"
        "ada@;participant;Cairn;L\n"
        "ben@example.org;juggler;Cairn;M\n"
        "BEN@example.org;participant;Cairn;M\n"
        "eve@example.org;organizer;Cairn;S\n"
        "cat@example.org;coach;Ridge;S\n"
        "dan@example.org;coach;ridge;S\n"
    )
    assert faults(content.encode(), event) == [
        (2, "email", "ada@", "a mail address"),
        (3, "role", "juggler", "one of participant, coach, organizer"),
        (4, "email", "ben@example.org", "each address once; it is in row 3"),
        (4, "team", "Cairn", "a team with a place left; 2 is the limit"),
        (5, "team", "Cairn", "nothing: organizers are in no team"),
        (7, "team", "ridge", "a team without another coach"),
    ]


@pytest.mark.parametrize(
    ("content", "column", "expected"),
    [
        (b"", "the first row", "columns email, role, team as well"),
        (b"mail,role\n", "the first row", "columns email, team as well"),
        (b"email,role,team\n", "the file", "a row for each person"),
        (b"email,role,team\n\xff", "the file", "text in UTF-8; save it as CSV UTF-8"),
        (b"email,role,team\n" + b"a@example.org,,\n" * 501, "the file", "at most 500 people"),
    ],
)
def test_a_file_that_is_no_roster_says_what_is_missing(
    event: Event, content: bytes, column: str, expected: str
) -> None:
    [(_, named, _, wanted)] = faults(content, event)
    assert (named, wanted) == (column, expected)


def test_members_that_a_team_has_count(event: Event) -> None:
    make_team(event, "Cairn", members=event.team_size_limit, coach=make_coach(event))
    found = faults(GOOD, event)
    assert [(row, column) for row, column, _, _ in found] == [(2, "team"), (3, "team")]


def test_people_are_placed_when_they_accept(event: Event, organizer: User, mailoutbox: list[Any]) -> None:
    assert roster.invite_roster(event, roster.read(GOOD, event), organizer) == 3
    team = Team.objects.get()
    assert (team.name, team.coach, team.memberships.count()) == ("Cairn", None, 0)
    for mail in mailoutbox:
        found = re.search(r"/invitations/([\w-]+)/", mail.body)
        assert found
        accept_as_new(found[1], mail.to[0])
    team.refresh_from_db()
    assert (str(team.coach), team.memberships.get().user.email) == ("grace@example.org", "ada@example.org")
    assert AuditEntry.objects.filter(action="team.join").count() == 1


def test_a_team_that_is_full_by_then_is_left_as_it_is(
    event: Event, organizer: User, mailoutbox: list[Any]
) -> None:
    roster.invite_roster(event, roster.read(GOOD, event), organizer)
    team = Team.objects.get()
    Event.objects.filter(pk=event.pk).update(team_size_limit=1)
    team.memberships.create(event=event, user=make_participant(event))
    found = re.search(r"/invitations/([\w-]+)/", mailoutbox[0].body)
    assert found
    accept_as_new(found[1], "Ada")
    assert team.memberships.count() == 1


def test_somebody_who_is_known_stops_the_whole_roster(event: Event, organizer: User) -> None:
    make_coach(event, make_user("grace@example.org"))
    with pytest.raises(Refusal, match=r"grace@example.org has a role already \(coach\)"):
        roster.invite_roster(event, roster.read(GOOD, event), organizer)
    assert not Invitation.objects.exists()
    assert not Team.objects.exists()


def test_the_page_shows_the_people_first_and_invites_on_a_second_press(
    client: Client, event: Event, organizer: User
) -> None:
    client.force_login(organizer)
    address = f"/events/{event.slug}/invitations/roster/"

    def sent(**form: str) -> Any:
        return client.post(address, {"file": SimpleUploadedFile("people.csv", GOOD), **form})

    looked = sent()
    assert b"3 people. Nobody is invited yet." in looked.content
    assert not Invitation.objects.exists()
    assert sent(invite="yes").status_code == 302
    assert Invitation.objects.count() == 3
    bad = client.post(
        address, {"file": SimpleUploadedFile("people.csv", b"email,role,team\n<b>,,\n"), "invite": "y"}
    )
    assert bad.status_code == 422
    assert b"&lt;b&gt;" in bad.content
    assert client.get(f"{address}sample.csv").content.startswith(b"email,role,team\n")
    assert faults(client.get(f"{address}sample.csv").content, event) == []
