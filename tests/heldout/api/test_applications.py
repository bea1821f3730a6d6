"""Applications and rosters by the API: for organizers alone, and as the pages decide."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from heldout.accounts.models import Scope
from heldout.applications import actions
from heldout.applications.models import Application, Intake, Placement, Question
from heldout.events.models import Event, Invitation
from tests.heldout.api.test_api import problem, signed_in
from tests.heldout.api.test_doing import post
from tests.heldout.api.test_tokens import bearer
from tests.heldout.factories import make_coach, make_event, make_organizer, make_participant

pytestmark = pytest.mark.django_db(transaction=True)

ROSTER = "email,role,team\nada@example.org,participant,Cairn\ngrace@example.org,coach,Cairn\n"


@pytest.fixture
def event() -> Event:
    event = make_event("trail")
    Intake.objects.create(event=event, opens_at=timezone.now() - timedelta(days=1), places=2)
    return event


@pytest.fixture
def organizer(event: Event) -> Client:
    return signed_in(make_organizer(event))


def apply(event: Event, name: str, skill: int = 3, **answers: str) -> Application:
    question, _ = Question.objects.get_or_create(event=event, text="Why?")
    facts: dict[str, Any] = {"email": f"{name.lower()}@example.org", "name": name, "skill": skill}
    actions.apply(event, {question.pk: answers.get("why", "")}, company="", **facts)
    return Application.objects.latest("id")


def listed(client: Client, **asked: Any) -> Any:
    return client.get("/api/v1/events/trail/applications", asked).json()


def send(client: Client, content: str, address: str = "", **headers: str) -> Any:
    form = {"roster": SimpleUploadedFile("roster.csv", content.encode())}
    return client.post(f"/api/v1/events/trail/invitations/roster{address}", form, headers=headers)


def test_they_are_listed_with_filters_piece_by_piece(organizer: Client, event: Event) -> None:
    for name, skill in (("Ida", 3), ("Bo", 5), ("Cy", 3)):
        apply(event, name, skill, why="for the mountains" if name == "Cy" else "")
    first = listed(organizer, limit=2)
    last = listed(organizer, limit=2, cursor=first["next"])
    assert [item["name"] for item in first["items"] + last["items"]] == ["Cy", "Bo", "Ida"]
    assert [item["name"] for item in listed(organizer, skill=5)["items"]] == ["Bo"]
    assert [item["name"] for item in listed(organizer, text="mountains")["items"]] == ["Cy"]
    assert listed(organizer, state="declined") == {"items": [], "next": None}


def test_one_has_its_answers_and_takes_notes(organizer: Client, event: Event) -> None:
    made = apply(event, "Ida", why="to learn")
    address = f"/api/v1/events/trail/applications/{made.pk}"
    read = organizer.get(address).json()
    assert read["answers"] == [{"question": "Why?", "answer": "to learn"}]
    assert read["may_become"] == ["shortlist", "accept", "waitlist", "decline"]
    noted = organizer.patch(address, {"notes": "Met her"}, content_type="application/json")
    assert noted.json()["notes"] == "Met her"


def test_several_are_decided_about_at_once_and_hear_of_it(organizer: Client, event: Event) -> None:
    ida, bo, cy = (apply(event, name) for name in ("Ida", "Bo", "Cy"))
    mail.outbox.clear()
    accepted = post(organizer, "trail/applications/decide", applications=[ida.pk, bo.pk], decision="accept")
    assert {item["state"] for item in accepted.json()["items"]} == {"accepted"}
    assert set(Invitation.objects.values_list("email", flat=True)) == {ida.email, bo.email}
    full = problem(post(organizer, "trail/applications/decide", applications=[cy.pk], decision="accept"))
    assert (full["status"], full["title"]) == (409, "There are 0 places left, and 1 are chosen.")
    waits = post(organizer, "trail/applications/decide", applications=[cy.pk], decision="waitlist")
    assert waits.json()["items"][0]["state"] == "waitlisted"
    assert {letter.to[0] for letter in mail.outbox} == {ida.email, bo.email, cy.email}


def test_one_that_cannot_be_decided_so_lets_none_be(organizer: Client, event: Event) -> None:
    ida, bo = apply(event, "Ida"), apply(event, "Bo")
    post(organizer, "trail/applications/decide", applications=[ida.pk], decision="decline")
    both = post(organizer, "trail/applications/decide", applications=[ida.pk, bo.pk], decision="decline")
    assert "Ida (declined)" in problem(both)["detail"]
    assert Application.objects.get(pk=bo.pk).state == "received"


def test_the_field_at_fault_is_named(organizer: Client, event: Event) -> None:
    ida, foreign = apply(event, "Ida"), make_event("elsewhere")
    Intake.objects.create(event=foreign, opens_at=timezone.now() - timedelta(days=1))
    stranger = apply(foreign, "Zoe")
    for field, body in {
        "applications": {"applications": [ida.pk, stranger.pk], "decision": "decline"},
        "decision": {"applications": [ida.pk], "decision": "adore"},
    }.items():
        answer = problem(post(organizer, "trail/applications/decide", **body))
        assert answer["status"] == 422
        assert answer["errors"][0]["loc"][-1] == field
    assert problem(organizer.get("/api/v1/events/trail/applications?state=odd"))["status"] == 422
    assert set(Application.objects.values_list("state", flat=True)) == {"received"}


def test_a_roster_is_checked_then_invites_everybody_once(organizer: Client) -> None:
    checked = send(organizer, ROSTER, "?check=true").json()
    assert (checked["invited"], [row["row"] for row in checked["people"]]) == (0, [2, 3])
    assert not Invitation.objects.exists()
    key = {"Idempotency-Key": "roster-1"}
    done, again = send(organizer, ROSTER, **key), send(organizer, ROSTER, **key)
    assert done.json()["invited"] == 2
    assert (again.json(), again["Idempotent-Replayed"]) == (done.json(), "true")
    assert Invitation.objects.count() == Placement.objects.count() == 2


def test_each_fault_of_a_roster_is_named_and_nobody_is_invited(organizer: Client) -> None:
    faulty = problem(send(organizer, "email,role,team\nada@example.org,chef,\nnobody,,\n"))
    assert faulty["status"] == 422
    assert [(error["row"], error["column"]) for error in faulty["errors"]] == [(2, "role"), (3, "email")]
    assert problem(organizer.post("/api/v1/events/trail/invitations/roster"))["status"] == 422
    assert not Invitation.objects.exists()


def test_personal_data_is_for_organizers_alone(event: Event) -> None:
    made = apply(event, "Ida")
    for person in (make_participant(event), make_coach(event), make_organizer(make_event("other"))):
        for address in ("applications", f"applications/{made.pk}", "invitations"):
            answer = signed_in(person).get(f"/api/v1/events/trail/{address}")
            assert answer.status_code == 404 and "example.org" not in answer.content.decode()
    lacking = Client().get(
        "/api/v1/events/trail/applications", headers=bearer(make_organizer(event), Scope.READ)
    )
    assert "lacks the scope `organize`" in problem(lacking)["detail"]
