"""The API says what the pages say, to the same people."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from heldout.accounts.models import User
from heldout.catalog.models import Challenge
from heldout.submissions.models import Submission
from heldout.teams.models import Team
from tests.heldout.factories import make_organizer, make_participant, make_team, make_user
from tests.heldout.handing_in import insight, make_challenge, member_of, rehearsed, scored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge()


@pytest.fixture
def team(challenge: Challenge) -> Team:
    return make_team(challenge.event, "Ours")


def signed_in(user: User, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


def path(challenge: Challenge, rest: str = "") -> str:
    return f"/api/v1/events/{challenge.event.slug}/challenges{rest}"


def problem(response: Any) -> dict[str, Any]:
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content)
    assert body["status"] == response.status_code
    return body


def test_strangers_are_told_to_sign_in(client: Client, challenge: Challenge) -> None:
    for url in ("/api/v1/events", path(challenge)):
        assert problem(client.get(url))["status"] == 401


def test_an_event_of_others_does_not_exist(challenge: Challenge) -> None:
    client = signed_in(make_user())
    assert client.get("/api/v1/events").json() == {"items": [], "next": None}
    assert problem(client.get(path(challenge)))["status"] == 404


def test_a_participant_finds_events_and_challenges(challenge: Challenge, team: Team) -> None:
    locked = make_challenge(challenge.event, opened=False)
    client = signed_in(member_of(team))
    assert [event["slug"] for event in client.get("/api/v1/events").json()["items"]] == [challenge.event.slug]
    shown = {row["slug"]: row for row in client.get(path(challenge)).json()["items"]}
    assert shown[challenge.slug]["quota_per_day"] == 5
    assert (shown[locked.slug]["state"], shown[locked.slug]["quota_per_day"]) == ("draft", None)
    assert problem(client.get(path(challenge, f"/{locked.slug}/board")))["status"] == 404


def test_the_board_is_the_pages_board(challenge: Challenge, team: Team) -> None:
    scored(challenge, team, 0.87654)
    body = signed_in(member_of(team)).get(path(challenge, f"/{challenge.slug}/board")).json()
    assert body["metric"] == "Accuracy"
    [row] = body["rows"]
    assert (row["rank"], row["name"], row["score"], row["is_mine"]) == (1, "Ours", 0.88, True)


def hand_in(client: Client, challenge: Challenge, content: bytes = b"weights", /, **headers: str) -> Any:
    form = {"artefact": SimpleUploadedFile("../model.onnx", content), "note": "wider"}
    return client.post(path(challenge, f"/{challenge.slug}/submissions"), form, headers=headers or None)


def test_a_file_is_handed_in_and_found_again(challenge: Challenge, team: Team) -> None:
    client = signed_in(member_of(team))
    response = hand_in(client, challenge)
    assert response.status_code == 201
    body = response.json()
    assert (body["state"], body["stage"], body["file_name"]) == ("queued", "inspecting", "model.onnx")

    listed = client.get(path(challenge, f"/{challenge.slug}/submissions")).json()
    assert (listed["tries_left"], listed["tries_per_day"]) == (4, 5)
    assert [row["id"] for row in listed["items"]] == [body["id"]]
    detail = f"/api/v1/events/{challenge.event.slug}/submissions/{body['id']}"
    assert client.get(detail).json()["note"] == "wider"


def test_refusals_are_problems_with_words(challenge: Challenge, team: Team) -> None:
    client = signed_in(member_of(team))
    assert problem(hand_in(client, challenge, b"x" * (2**20 + 1)))["title"] == "The file is too large."
    for _ in range(5):
        hand_in(client, challenge)
    assert problem(hand_in(client, challenge))["title"] == "No tries left today."
    assert Submission.objects.count() == 5


def test_who_is_in_no_team_is_told_so(challenge: Challenge) -> None:
    client = signed_in(make_participant(challenge.event))
    assert problem(hand_in(client, challenge))["title"] == "You are in no team."


def test_a_form_of_another_site_is_denied(challenge: Challenge, team: Team) -> None:
    client = signed_in(member_of(team), enforce_csrf_checks=True)
    assert problem(hand_in(client, challenge))["status"] == 403
    client.get("/accounts/logout/")
    token = client.cookies["csrftoken"].value
    assert hand_in(client, challenge, **{"X-CSRFToken": token}).status_code == 201


def test_the_description_is_there(challenge: Challenge, team: Team) -> None:
    schema = signed_in(member_of(team)).get("/api/v1/openapi.json").json()
    upload = schema["paths"]["/api/v1/events/{event}/challenges/{challenge}/submissions"]["post"]
    assert "multipart/form-data" in upload["requestBody"]["content"]


def test_a_malformed_address_says_what_is_wrong(challenge: Challenge, team: Team) -> None:
    client = signed_in(member_of(team))
    body = problem(client.get(f"/api/v1/events/{challenge.event.slug}/submissions/7"))
    assert (body["status"], body["errors"][0]["loc"][-1]) == (422, "submission")


def test_organizers_alone_see_the_private_score(challenge: Challenge, team: Team) -> None:
    submission = scored(challenge, team)
    url = f"/api/v1/events/{challenge.event.slug}/submissions/{submission.pk}"
    assert set(signed_in(member_of(team)).get(url).json()["scores"]) == {"public", "validation"}
    organizer = signed_in(make_organizer(challenge.event))
    assert organizer.get(url).json()["scores"]["private"]["value"] == 0.43


def test_a_rehearsal_is_asked_for_and_then_submitted(challenge: Challenge, team: Team) -> None:
    client = signed_in(member_of(team))
    form = {"artefact": SimpleUploadedFile("model.onnx", b"weights")}
    response = client.post(path(challenge, f"/{challenge.slug}/submissions?rehearsal=true"), form)
    assert (response.status_code, response.json()["rehearsal"]) == (201, True)
    listed = client.get(path(challenge, f"/{challenge.slug}/submissions")).json()
    assert (listed["tries_left"], listed["items"][0]["rehearsal"]) == (5, True)

    detail = f"/api/v1/events/{challenge.event.slug}/submissions/{response.json()['id']}"
    assert problem(client.post(f"{detail}/submit"))["title"].startswith("Only a rehearsal that was scored")
    done = rehearsed(challenge, team)
    detail = f"/api/v1/events/{challenge.event.slug}/submissions/{done.pk}"
    real = client.post(f"{detail}/submit")
    assert (real.status_code, real.json()["rehearsal"], real.json()["digest"]) == (201, False, done.blob_id)


def test_one_submission_comes_with_what_can_be_learned_from_it(challenge: Challenge, team: Team) -> None:
    done = rehearsed(challenge, team, insight=insight())
    url = f"/api/v1/events/{challenge.event.slug}/submissions/{done.pk}"
    body = signed_in(member_of(team)).get(url).json()
    assert set(body["scores"]) == {"validation"}
    assert body["log"] == "loading weights"
    assert body["insight"]["mistakes"][0]["truth"] == "hat"
    assert set(body["insight"]["hidden"]) == {"public"}
    organizer = signed_in(make_organizer(challenge.event))
    assert set(organizer.get(url).json()["insight"]["hidden"]) == {"public", "private"}


def test_a_challenge_says_its_kind_and_metric(challenge: Challenge, team: Team) -> None:
    [shown] = signed_in(member_of(team)).get(path(challenge)).json()["items"]
    said = (shown["kind"], shown["metric"], shown["metric_label"], shown["higher_is_better"])
    assert said == ("classification", "accuracy", "Accuracy", True)


def test_names_that_no_event_can_have_do_not_exist(challenge: Challenge, team: Team) -> None:
    client = signed_in(member_of(team), raise_request_exception=False)
    for name in ("%00", "a%20b", "%ED%A0%80"):
        assert problem(client.get(f"/api/v1/events/{name}/challenges"))["status"] == 404
