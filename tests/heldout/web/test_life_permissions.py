"""Who may do what around the scoring: each page and button of coaching, gates and the agenda.

`coach` is that of the team in question, `another` coaches another team of the event; `rival` is in another
team; `elsewhere` organizes another event. What is not there for somebody is 404; `login` leads to sign in.
"""

import pytest
from django.test import Client
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit.models import AuditEntry
from heldout.catalog.models import SignOff
from heldout.events.agenda_queries import feed_token
from heldout.events.models import Session
from tests.heldout.factories import (
    make_coach,
    make_event,
    make_organizer,
    make_superuser,
    make_team,
    make_user,
)
from tests.heldout.teams.test_permissions import told
from tests.heldout.web.scene import Life, make_life, make_scene

pytestmark = pytest.mark.django_db

MATRIX = """
request                                          nobody outsider elsewhere lone rival member coach another organizer operator
GET /events/gear-trail/coach/                    login  404      404       404  404   404    200   200     200       200
GET /events/gear-trail/coach/{t}/show-it/        login  404      404       404  404   404    200   404     200       200
GET /events/gear-trail/coach/{t}/the-wild/       login  404      404       404  404   404    404   404     404       404
POST /events/gear-trail/coach/{t}/show-it/sign-off/ login 404    404       404  404   404    302   404     302       302
GET /events/gear-trail/coach/{t}/show-it/sign-off/  405   405    405       405  405   405    405   405     405       405
POST /events/gear-trail/coach/{t}/show-it/withdraw/ login 404    404       404  404   404    302   404     302       302
POST /events/gear-trail/coach/{t}/show-it/hints/ login  404      404       404  404   404    302   404     302       302
POST /events/gear-trail/help/{c}/claim/          login  404      404       404  404   404    302   404     302       302
POST /events/gear-trail/help/{c}/close/          login  404      404       404  404   302    302   404     302       302
GET /events/gear-trail/help/{c}/close/           405    405      405       405  405   405    405   405     405       405
POST /events/gear-trail/challenges/show-it/help/ login  404      404       302  302   302    302   302     302       302
POST /events/gear-trail/challenges/which-pixels/help/ login 404  404       404  404   404    302   302     302       302
GET /events/gear-trail/challenges/which-pixels/  login  404      404       200  200   200    200   200     200       200
GET /events/gear-trail/challenges/which-pixels/board/ login 404  404       404  404   404    200   200     200       200
GET /events/gear-trail/challenges/which-pixels/gates/ login 404  404       404  404   404    404   404     200       200
POST /events/gear-trail/challenges/which-pixels/gates/ login 404 404       404  404   404    404   404     200       200
POST /events/gear-trail/challenges/which-pixels/gates/{g}/remove/ login 404 404 404 404 404  404   404     302       302
POST /events/gear-trail/challenges/show-it/gates/{g}/remove/ login 404 404 404 404 404 404  404   404     404
POST /events/gear-trail/challenges/which-pixels/gates/team/ login 404 404  404  404   404    404   404     302       302
GET /events/gear-trail/board/                    login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/board/                   405    405      405       405  405   405    405   405     405       405
GET /events/gear-trail/agenda/                   login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/agenda/                  405    405      405       405  405   405    405   405     405       405
GET /events/gear-trail/agenda/new/               login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/agenda/new/              login  404      404       404  404   404    404   404     200       200
GET /events/gear-trail/agenda/{s}/               login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/agenda/{s}/remove/       login  404      404       404  404   404    404   404     302       302
GET /open/{s}/                                   200    200      200       200  200   200    200   200     200       200
POST /open/{s}/                                  200    200      200       200  200   200    200   200     200       200
GET /open/{s}.ics                                200    200      200       200  200   200    200   200     200       200
GET /open/{p}/                                   404    404      404       404  404   404    404   404     404       404
GET /open/{p}.ics                                404    404      404       404  404   404    404   404     404       404
GET /open/cancel/made-up/                        404    404      404       404  404   404    404   404     404       404
GET /agenda/made-up.ics                          404    404      404       404  404   404    404   404     404       404
"""  # noqa: E501


def rows() -> list[tuple[str, dict[str, str]]]:
    """Each row of the matrix: the request, and the answer by who asks."""
    head, *lines = [line.split() for line in MATRIX.strip().splitlines()]
    return [
        (f"{verb} {address}", dict(zip(head[1:], answers, strict=True))) for verb, address, *answers in lines
    ]


WHO = tuple(rows()[0][1])


def person(life: Life, who: str) -> User:
    scene, event = life.scene, life.scene.event
    match who:
        case "outsider":
            return make_user()
        case "elsewhere":
            return make_organizer(make_event())
        case "another":
            coach = make_coach(event)
            make_team(event, coach=coach)
            return coach
        case "operator":
            return make_superuser()
        case "member":
            return scene.people["participant"]
        case _:
            return scene.people[who]


@pytest.mark.parametrize("who", WHO)
def test_the_matrix(client: Client, who: str) -> None:
    life = make_life(make_scene())
    private = Session.objects.filter(is_open=False).first()
    assert private
    numbers = {
        "t": life.scene.team.pk, "c": life.call.pk, "g": life.gate.pk, "s": life.session.pk, "p": private.pk,
    }  # fmt: skip
    if who != "nobody":
        client.force_login(person(life, who))
    found, expected = {}, {}
    for request, answers in rows():
        verb, address = request.format(**numbers).split()
        if "remove" in address and answers[who] == "302":
            continue  # What is gone has no further answers; those are tested below.
        response = client.get(address) if verb == "GET" else client.post(address, {})
        found[request], expected[request] = told(response), answers[who]
    assert found == expected


@pytest.mark.parametrize("who", WHO)
def test_who_signs_off_and_who_takes_away(client: Client, who: str) -> None:
    life = make_life(make_scene())
    if who != "nobody":
        client.force_login(person(life, who))
    evidence = [c.text for c in life.shown.bundle.manifest.criteria if c.evidence]
    client.post(f"/events/gear-trail/coach/{life.scene.team.pk}/show-it/sign-off/", {"seen": evidence})
    client.post(f"/events/gear-trail/challenges/which-pixels/gates/{life.gate.pk}/remove/")
    client.post(f"/events/gear-trail/agenda/{life.session.pk}/remove/")
    organizes = who in {"organizer", "operator"}
    assert SignOff.objects.exists() == (organizes or who == "coach")
    assert AuditEntry.objects.filter(action="challenge.signed_off").exists() == SignOff.objects.exists()
    assert (life.gated.gates.count() == 1) == organizes
    assert Session.objects.filter(pk=life.session.pk).exists() != organizes


def test_nothing_of_one_event_is_reached_through_another(client: Client) -> None:
    life = make_life(make_scene())
    other = make_event("other")
    client.force_login(make_organizer(other))
    team, call, gate, session = life.scene.team.pk, life.call.pk, life.gate.pk, life.session.pk
    assert client.get(f"/events/other/coach/{team}/show-it/").status_code == 404
    for address in (
        f"coach/{team}/show-it/sign-off/",
        f"help/{call}/claim/",
        f"help/{call}/close/",
        f"challenges/which-pixels/gates/{gate}/remove/",
        f"agenda/{session}/remove/",
    ):
        assert client.post(f"/events/other/{address}").status_code == 404, address


def test_a_calendar_is_read_by_its_token_alone(client: Client) -> None:
    life = make_life(make_scene())
    token = feed_token(life.scene.event, life.scene.people["participant"])
    assert "Opening" in client.get(f"/agenda/{token}.ics").content.decode()
    assert life.session.starts_at > timezone.now()
