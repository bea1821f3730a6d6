"""What organizers arrange by the API is what the pages would have done."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from heldout.accounts.models import Scope
from heldout.audit.models import AuditEntry
from heldout.catalog.models import Challenge, Gate, Opening
from heldout.events.models import Event, Session
from heldout.notices.models import Announcement, Inquiry
from heldout.teams.queries import members, team_of
from tests.heldout.api.test_api import problem, signed_in
from tests.heldout.api.test_doing import post
from tests.heldout.api.test_tokens import bearer
from tests.heldout.factories import make_coach, make_event, make_organizer, make_participant, make_team
from tests.heldout.handing_in import make_challenge, member_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def event() -> Event:
    return make_event("trail")


@pytest.fixture
def organizer(event: Event) -> Client:
    return signed_in(make_organizer(event))


def patch(client: Client, url: str, **body: Any) -> Any:
    return client.patch(f"/api/v1/events/{url}", body, content_type="application/json")


def fields(answer: Any) -> list[str]:
    """Which fields a refused request is told of."""
    told = problem(answer)
    assert told["status"] == 422
    return [error["loc"][-1] for error in told["errors"]]


def test_a_session_is_added_changed_and_removed(organizer: Client, event: Event) -> None:
    begins = timezone.now().replace(microsecond=0)
    ends = (begins + timedelta(hours=1)).isoformat()
    given = {"title": "Lunch", "starts_at": begins.isoformat(), "ends_at": ends, "capacity": 20}
    made = post(organizer, "trail/agenda", **given)
    assert (made.status_code, made.json()["capacity"]) == (201, 20)
    number = made.json()["id"]
    changed = patch(organizer, f"trail/agenda/{number}", room="Hall", capacity=None).json()
    assert (changed["room"], changed["capacity"], changed["title"]) == ("Hall", None, "Lunch")
    early = patch(organizer, f"trail/agenda/{number}", ends_at=begins.isoformat())
    assert problem(early)["detail"] == "The session must end after it starts."
    assert fields(post(organizer, "trail/agenda", **given | {"ends_at": "noon"})) == ["ends_at"]
    assert organizer.delete(f"/api/v1/events/trail/agenda/{number}").status_code == 204
    assert not Session.objects.exists()


def test_the_rules_of_the_boards_change_field_by_field(organizer: Client) -> None:
    first = patch(organizer, "trail/board/rules", final="chosen", choices=3).json()
    second = patch(organizer, "trail/board/rules", rank_bonus=10, final=None).json()
    assert (first["choices"], second["choices"]) == (3, 3)
    assert (second["final"], second["rank_bonus"]) == ("chosen", 10)
    at = (timezone.now() + timedelta(hours=1)).isoformat()
    assert patch(organizer, "trail/board/rules", freezes_at=at).json()["freezes_at"] is not None
    assert patch(organizer, "trail/board/rules", freezes_at=None).json()["freezes_at"] is None
    assert fields(patch(organizer, "trail/board/rules", choices=11)) == ["choices"]
    post(organizer, "trail/board/publish")
    assert problem(patch(organizer, "trail/board/rules", choices=1))["status"] == 409


def test_gates_are_added_and_taken_away(organizer: Client, event: Event) -> None:
    earlier = make_challenge(event, slug="first")
    later = make_challenge(event, slug="second")
    Challenge.objects.filter(pk=later.pk).update(position=earlier.position + 1)
    made = post(organizer, "trail/challenges/second/gates", kind="threshold", after="first", score=0.8)
    assert (made.status_code, made.json()["after"], made.json()["score"]) == (201, "first", 0.8)
    [item] = organizer.get("/api/v1/events/trail/challenges/second/gates").json()["items"]
    assert item == made.json()
    unknown = post(organizer, "trail/challenges/second/gates", kind="passed", after="made-up")
    assert fields(unknown) == ["after"]
    itself = post(organizer, "trail/challenges/second/gates", kind="passed", after="second")
    assert problem(itself)["detail"] == "A challenge can only wait for an earlier one."
    address = f"/api/v1/events/trail/challenges/second/gates/{item['id']}"
    assert organizer.delete(address).status_code == 204
    assert not Gate.objects.exists()


def test_a_challenge_is_opened_for_one_team_with_a_reason(organizer: Client, event: Event) -> None:
    make_challenge(event, slug="first")
    team = make_team(event, "Cairn")
    address = "trail/challenges/first/openings"
    made = post(organizer, address, team=team.pk, reason="They came a day late")
    assert (made.status_code, made.json()["team"]["name"]) == (201, "Cairn")
    assert problem(post(organizer, address, team=team.pk, reason="x"))["status"] == 409
    assert fields(post(organizer, address, team=10**9, reason="x")) == ["team"]
    assert organizer.get(f"/api/v1/events/{address}").json()["items"] == [made.json()]
    assert Opening.objects.count() == 1


def test_a_challenge_that_comes_with_the_site_is_added_once(organizer: Client, event: Event) -> None:
    unknown = post(organizer, "trail/challenges", bundle="made-up")
    assert fields(unknown) == ["bundle"]
    name = problem(unknown)["errors"][0]["msg"].rpartition("one of ")[2].split(", ")[0]
    made = post(organizer, "trail/challenges", bundle=name)
    assert (made.status_code, made.json()["position"]) == (201, 1)
    assert problem(post(organizer, "trail/challenges", bundle=name))["title"] == "This place is taken."


def test_an_announcement_is_edited_and_withdrawn(organizer: Client) -> None:
    number = post(organizer, "trail/announcements", title="Lunch at one", body="Soup").json()["id"]
    edited = patch(organizer, f"trail/announcements/{number}", title="Lunch at two").json()
    assert (edited["title"], edited["body"]) == ("Lunch at two", "Soup")
    assert edited["edited_at"] is not None
    assert fields(patch(organizer, f"trail/announcements/{number}", title="")) == ["title"]
    address = f"/api/v1/events/trail/announcements/{number}"
    assert [organizer.delete(address).status_code for _ in range(2)] == [204, 404]
    assert Announcement.objects.get().withdrawn_at is not None


def test_a_question_is_hidden_and_shown(organizer: Client, event: Event) -> None:
    team = make_team(event)
    number = post(signed_in(member_of(team)), "trail/questions", text="May we?").json()["id"]
    assert not patch(organizer, f"trail/questions/{number}", is_public=False).json()["is_public"]
    reader = signed_in(make_participant(event))
    assert reader.get("/api/v1/events/trail/questions").json()["items"] == []
    assert patch(reader, f"trail/questions/{number}", is_public=True).status_code == 404
    assert not Inquiry.objects.get().is_public


def test_organizers_rename_coach_fill_and_empty_a_team(organizer: Client, event: Event) -> None:
    team, coach, lone = make_team(event, "Cairn"), make_coach(event), make_participant(event)
    assert patch(organizer, f"trail/teams/{team.pk}", name="Scree").json()["name"] == "Scree"
    coached = post(organizer, f"trail/teams/{team.pk}/coach", person=coach.pk).json()
    assert coached["coach"] == coach.name
    assert post(organizer, f"trail/teams/{team.pk}/coach", person=None).json()["coach"] is None
    assert fields(post(organizer, f"trail/teams/{team.pk}/coach", person=lone.pk)) == ["person"]
    assert lone.name in post(organizer, f"trail/teams/{team.pk}/members", person=lone.pk).json()["members"]
    assert fields(post(organizer, f"trail/teams/{team.pk}/members", person=coach.pk)) == ["person"]
    found = {
        item["person"]["id"]: item for item in organizer.get("/api/v1/events/trail/people").json()["items"]
    }
    assert (found[lone.pk]["team"]["id"], found[coach.pk]["role"]) == (team.pk, "coach")
    assert post(organizer, f"trail/teams/{team.pk}/empty").json()["members"] == []
    assert members(team) == [] and AuditEntry.objects.filter(action="team.empty").exists()


def test_names_are_held_against_an_events_own_words(organizer: Client, event: Event) -> None:
    assert patch(organizer, "trail/unwelcome-words", words="gravel").json() == {"words": "gravel"}
    assert organizer.get("/api/v1/events/trail/unwelcome-words").json() == {"words": "gravel"}
    refused = post(signed_in(make_participant(event)), "trail/teams", name="Gravel")
    assert problem(refused)["status"] == 409


def test_somebody_who_looks_for_a_team_is_found_and_invited(event: Event) -> None:
    lone, team = make_participant(event), make_team(event, "Cairn")
    client, member = signed_in(lone), signed_in(member_of(team))
    assert client.get("/api/v1/events/trail/profile").json()["looks_for_team"] is False
    assert post(member, f"trail/people/{lone.pk}/invite").status_code == 404
    said = patch(client, "trail/profile", about="I like plots", looks_for_team=True).json()
    assert (said["about"], said["looks_for_team"]) == ("I like plots", True)
    assert fields(patch(client, "trail/profile", skill=6)) == ["skill"]
    [found] = member.get("/api/v1/events/trail/people/looking").json()["items"]
    assert (found["person"]["id"], found["about"]) == (lone.pk, "I like plots")
    asked = post(member, f"trail/people/{lone.pk}/invite", words="Come").json()
    assert post(client, f"trail/approaches/{asked['id']}/accept").status_code == 204
    assert team_of(lone, event) == team


def test_a_token_needs_the_scope(event: Event) -> None:
    headers = bearer(make_organizer(event), Scope.READ, Scope.TEAM, Scope.COACH)
    for address in ("people", "unwelcome-words"):
        answer = Client().get(f"/api/v1/events/trail/{address}", headers=headers)
        assert "lacks the scope `organize`" in problem(answer)["detail"]
