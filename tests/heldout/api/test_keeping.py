"""A POST that is sent again with its key is not done again, whatever became of the first answer."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from heldout.api import submissions as routes
from heldout.api.models import KeptAnswer
from heldout.catalog.models import Challenge
from heldout.submissions.models import Submission
from heldout.teams.models import Team
from tests.heldout.api.test_api import path, problem, signed_in
from tests.heldout.factories import make_team
from tests.heldout.handing_in import make_challenge, member_of, rehearsed

pytestmark = pytest.mark.django_db(transaction=True)
REPLAYED = "Idempotent-Replayed"


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge(quota_per_day=1)


@pytest.fixture
def team(challenge: Challenge) -> Team:
    return make_team(challenge.event, "Ours", members=2)


@pytest.fixture
def client(team: Team) -> Client:
    return signed_in(member_of(team), raise_request_exception=False)


def hand_in(
    client: Client, challenge: Challenge, key: str, content: bytes = b"weights", note: str = "a"
) -> Any:
    form = {"artefact": SimpleUploadedFile("model.onnx", content), "note": note}
    url = path(challenge, f"/{challenge.slug}/submissions")
    return client.post(url, form, headers={"Idempotency-Key": key})


def test_a_hand_in_that_is_sent_again_gives_the_first_answer_and_costs_no_second_try(
    client: Client, challenge: Challenge
) -> None:
    first = hand_in(client, challenge, "one")
    again = hand_in(client, challenge, "one")
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json(), again[REPLAYED]) == (first.json(), "true")
    assert REPLAYED not in first
    assert Submission.objects.count() == 1


@pytest.mark.parametrize("changed", [{"content": b"other"}, {"note": "b"}])
def test_a_key_with_another_file_or_note_is_refused(
    client: Client, challenge: Challenge, changed: dict[str, Any]
) -> None:
    hand_in(client, challenge, "one")
    body = problem(hand_in(client, challenge, "one", **changed))
    assert (body["status"], body["title"]) == (422, "This key belongs to another request.")


def test_another_key_is_another_request(client: Client, challenge: Challenge) -> None:
    hand_in(client, challenge, "one")
    assert problem(hand_in(client, challenge, "two"))["title"] == "No tries left today."


def test_keys_of_others_are_their_own(client: Client, challenge: Challenge, team: Team) -> None:
    other = signed_in(team.memberships.order_by("-joined_at")[0].user)
    hand_in(client, challenge, "one")
    assert problem(hand_in(other, challenge, "one"))["title"] == "No tries left today."


def test_what_was_refused_is_tried_anew(client: Client, challenge: Challenge) -> None:
    hand_in(client, challenge, "one")
    assert hand_in(client, challenge, "two").status_code == 409
    Submission.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert hand_in(client, challenge, "two").status_code == 201


def test_when_the_answer_cannot_be_kept_nothing_is_done(
    client: Client, challenge: Challenge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What dies between the work and the answer takes the work with it, so that a retry does it once."""

    def dies(*_: object) -> None:
        raise RuntimeError("the process is gone")

    with monkeypatch.context() as patch:
        patch.setattr(routes, "submission_row", dies)
        assert hand_in(client, challenge, "one").status_code == 500
    assert not Submission.objects.exists()
    assert hand_in(client, challenge, "one").status_code == 201
    assert Submission.objects.count() == 1


def test_while_the_first_is_at_work_the_second_is_told_to_wait_and_may_take_over_a_dead_one(
    client: Client, challenge: Challenge
) -> None:
    hand_in(client, challenge, "one")
    Submission.objects.update(created_at=timezone.now() - timedelta(days=2))
    KeptAnswer.objects.update(status=None)
    answer = hand_in(client, challenge, "one")
    assert (problem(answer)["title"], answer["Retry-After"]) == ("The first request is still at work.", "1")
    KeptAnswer.objects.update(claimed_at=timezone.now() - timedelta(minutes=3))
    assert hand_in(client, challenge, "one").status_code == 201
    assert Submission.objects.count() == 2


def test_many_at_once_hand_in_once(challenge: Challenge, team: Team) -> None:
    clients = [signed_in(member_of(team)) for _ in range(4)]
    answers: list[int] = []

    def send(one: Client) -> None:
        answers.append(hand_in(one, challenge, "one").status_code)
        connection.close()

    threads = [threading.Thread(target=send, args=[one]) for one in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Submission.objects.count() == 1
    assert 201 in answers and set(answers) <= {201, 409}


def test_a_post_without_a_file_heeds_the_key_too(challenge: Challenge, team: Team, client: Client) -> None:
    done = rehearsed(challenge, team)
    url = f"/api/v1/events/{challenge.event.slug}/submissions/{done.pk}/submit"
    first, again = (client.post(url, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, again.status_code, again[REPLAYED]) == (201, 201, "true")
    assert again.json()["id"] == first.json()["id"]
    assert Submission.objects.filter(rehearsal=False).count() == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 101, "é"])
def test_a_key_of_another_form_is_refused(client: Client, challenge: Challenge, key: str) -> None:
    body = problem(hand_in(client, challenge, key))
    assert (body["status"], body["errors"][0]["loc"]) == (422, ["header", "Idempotency-Key"])
    assert not Submission.objects.exists()


def test_a_key_is_forgotten_after_a_day(client: Client, challenge: Challenge) -> None:
    hand_in(client, challenge, "one")
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        fresh = signed_in(Submission.objects.get().author)
        assert REPLAYED not in hand_in(fresh, challenge, "one")
    assert Submission.objects.count() == 2
