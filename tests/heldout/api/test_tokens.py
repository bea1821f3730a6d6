"""The API by token: the same answers as by session, where its scopes allow them."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from heldout.accounts import tokens
from heldout.accounts.models import Scope, User
from heldout.submissions.models import Submission
from tests.heldout.factories import make_event, make_team, make_user
from tests.heldout.handing_in import make_challenge, member_of

pytestmark = pytest.mark.django_db(transaction=True)


def bearer(user: User, *scopes: Scope) -> dict[str, str]:
    _, secret = tokens.make(user, "notebook", scopes, 30)
    return {"Authorization": f"Bearer {secret}"}


def problem(response: Any) -> dict[str, Any]:
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content)
    return body


def test_a_token_reads_what_its_person_may_see() -> None:
    challenge = make_challenge()
    member = member_of(make_team(challenge.event))
    address = f"/api/v1/events/{challenge.event.slug}/challenges"
    strict = Client(enforce_csrf_checks=True)
    assert (
        strict.get(address, headers=bearer(member, Scope.READ)).json()["items"][0]["slug"] == challenge.slug
    )
    assert strict.get(address, headers=bearer(make_user(), Scope.READ)).status_code == 404


def test_a_token_hands_in_without_a_form_token_if_it_has_the_scope() -> None:
    challenge = make_challenge()
    member = member_of(make_team(challenge.event))
    address = f"/api/v1/events/{challenge.event.slug}/challenges/{challenge.slug}/submissions"
    strict = Client(enforce_csrf_checks=True)

    def hand_in(headers: dict[str, str]) -> Any:
        form = {"artefact": SimpleUploadedFile("model.onnx", b"weights")}
        return strict.post(address, form, headers=headers)

    refused = problem(hand_in(bearer(member, Scope.READ)))
    assert refused["status"] == 403
    assert "lacks the scope `submit`; it has read" in refused["detail"]
    assert hand_in(bearer(member, Scope.SUBMIT)).status_code == 201
    assert Submission.objects.get().author == member


@pytest.mark.parametrize("header", ["Bearer hld_nothing", "Bearer", "Basic aGxkOg==", "Bearer \x00"])
def test_what_is_no_token_signs_nobody_in(header: str) -> None:
    answer = Client().get("/api/v1/events", headers={"Authorization": header})
    assert (answer.status_code, problem(answer)["title"]) == (401, "Not signed in")


def test_a_token_that_was_revoked_says_so() -> None:
    token, secret = tokens.make(make_user(), "notebook", [Scope.READ], 30)
    tokens.revoke(token)
    answer = Client().get("/api/v1/events", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401
    assert "was revoked" in problem(answer)["detail"]


def test_a_wrong_token_does_not_fall_back_to_nobody_but_a_session_still_counts() -> None:
    client = Client()
    client.force_login(make_user())
    assert client.get("/api/v1/events", headers={"Authorization": "Bearer hld_nothing"}).status_code == 200


def test_a_token_that_nobody_has_is_told_as_such_whatever_is_asked() -> None:
    """Not as a forged form, which is what a browser without a session would be told."""
    program = Client(enforce_csrf_checks=True, headers={"Authorization": "Bearer hld_made_up"})
    event = make_event()
    address = f"/api/v1/events/{event.slug}/bundles"
    assert program.post(address).status_code == 401
    assert program.get("/api/v1/events").status_code == 401
