"""Who may do what: each page of people and teams, for each kind of person.

Strangers are told that a page is not there (404), and whoever is signed out is led to sign in (login).
"""

from typing import Any

import pytest
from django.test import Client

from heldout.events import actions
from heldout.events.models import Event, RoleName
from heldout.teams.models import Team
from tests.heldout.factories import (
    make_coach,
    make_event,
    make_organizer,
    make_participant,
    make_superuser,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db

MATRIX = """
request                                nobody outsider elsewhere participant member coach organizer operator
GET /events/new/                       login  404      200       404         404    404   200       200
POST /events/new/                      login  404      200       404         404    404   200       200
GET /events/e/invitations/             login  404      404       404         404    404   200       200
POST /events/e/invitations/            login  404      404       404         404    404   200       200
POST /events/e/invitations/{i}/resend/ login  404      404       404         404    404   302       302
POST /events/e/invitations/{i}/revoke/ login  404      404       404         404    404   302       302
GET /events/e/invitations/{i}/revoke/  405    405      405       405         405    405   405       405
GET /events/e/team/                    login  404      404       200         200    302   302       302
POST /events/e/team/create/            login  404      404       422         302    302   302       302
POST /events/e/team/join/              login  404      404       422         302    302   302       302
POST /events/e/team/leave/             login  404      404       302         302    302   302       302
POST /events/e/team/rename/            login  404      404       302         422    302   302       302
POST /events/e/team/code/              login  404      404       302         302    302   302       302
GET /events/e/team/leave/              405    405      405       405         405    405   405       405
GET /events/e/teams/                   login  404      404       200         200    200   200       200
POST /events/e/teams/{t}/coach/        login  404      404       404         404    404   302       302
POST /events/e/teams/move/             login  404      404       404         404    404   302       302
GET /invitations/made-up/              410    410      410       410         410    410   410       410
GET /outbox/                           404    404      404       404         404    404   404       404
GET /admin/accounts/user/              login  403      403       403         403    403   403       200
GET /admin/events/invitation/          login  403      403       403         403    403   403       200
GET /admin/audit/auditentry/           login  403      403       403         403    403   403       200
"""


def cases() -> list[tuple[str, str, str]]:
    """Each cell of the matrix: who asks, what for, and the answer."""
    head, *rows = [line.split() for line in MATRIX.strip().splitlines()]
    return [
        (who, f"{verb} {address}", answer)
        for verb, address, *answers in rows
        for who, answer in zip(head[1:], answers, strict=True)
    ]


@pytest.fixture
def event() -> Event:
    return make_event("e")


@pytest.fixture
def team(event: Event) -> Team:
    return make_team(event, "Ridge")


def sign_in(client: Client, who: str, event: Event, team: Team) -> None:
    match who:
        case "nobody":
            return
        case "outsider":
            user = make_user()
        case "elsewhere":
            user = make_organizer(make_event())
        case "participant":
            user = make_participant(event)
        case "member":
            user = team.memberships.get().user
        case "coach":
            user = make_coach(event)
        case "organizer":
            user = make_organizer(event)
        case _:
            user = make_superuser()
    client.force_login(user)


@pytest.mark.parametrize(("who", "request_line", "answer"), cases())
def test_the_matrix(
    client: Client, event: Event, team: Team, who: str, request_line: str, answer: str
) -> None:
    invitation, _ = actions.invite(event, "asked@example.org", RoleName.PARTICIPANT, None)
    sign_in(client, who, event, team)
    verb, address = request_line.format(i=invitation.pk, t=team.pk).split()
    follow = address.startswith("/admin/")
    response = client.get(address, follow=follow) if verb == "GET" else client.post(address, {})
    assert told(response) == answer


def told(response: Any) -> str:
    """The status, or `login` if the way leads to sign in."""
    if response.request["PATH_INFO"] == "/accounts/login/":
        return "login"
    is_sent_away = response.status_code == 302 and response.headers["Location"].startswith("/accounts/login/")
    return "login" if is_sent_away else str(response.status_code)


@pytest.mark.parametrize("who", ["participant", "coach", "organizer", "operator"])
def test_nobody_reaches_a_page_of_an_event_that_is_not_there(
    client: Client, event: Event, team: Team, who: str
) -> None:
    sign_in(client, who, event, team)
    for page in ("team", "teams", "invitations"):
        assert client.get(f"/events/no-such-event/{page}/").status_code == 404
