"""A team's token stays within its event, whatever its maker may see elsewhere."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from heldout.api.auth import TEAMLESS
from heldout.api.base import api
from heldout.audit.models import AuditEntry
from heldout.submissions import actions
from heldout.submissions.models import Submission
from heldout.teams import tokens
from heldout.teams.actions import leave_team
from heldout.teams.models import Team
from tests.heldout.api.test_tokens import problem
from tests.heldout.factories import make_event, make_organizer, make_participant, make_team
from tests.heldout.handing_in import make_challenge, member_of
from tests.heldout.pages import words
from tests.heldout.permissions.matrix import API, rows, things
from tests.heldout.web.scene import make_life, make_scene

pytestmark = pytest.mark.django_db(transaction=True)

OPEN = ("device/", "openapi.json")
"""Operations that ask for no token."""


def bearer(team: Team) -> dict[str, str]:
    _, secret = tokens.make(team, member_of(team), "CI", 7, timezone.now())
    return {"Authorization": f"Bearer {secret}"}


def hand_in(team: Team, headers: dict[str, str]) -> Any:
    challenge = make_challenge(team.event)
    address = f"/api/v1/events/{team.event.slug}/challenges/{challenge.slug}/submissions"
    form = {"artefact": SimpleUploadedFile("model.onnx", b"weights")}
    return Client(enforce_csrf_checks=True).post(address, form, headers=headers)


def test_what_it_hands_in_is_its_makers_and_names_the_token() -> None:
    team = make_team(make_event())
    answer = hand_in(team, bearer(team))
    submission = Submission.objects.get()
    assert answer.status_code == 201
    assert submission.author == member_of(team)
    assert answer.json()["author"] == f"{member_of(team)} (token CI)"
    browser = Client()
    browser.force_login(member_of(team))
    notebook = browser.get(f"/events/{team.event.slug}/teams/{team.pk}/notebook/", follow=True)
    assert "(token CI)" in words(notebook)


def test_what_it_does_names_the_token_in_the_audit_log() -> None:
    team = make_team(make_event())
    hand_in(team, bearer(team))
    member = member_of(team)
    member.by_token = "CI"
    actions.cancel(Submission.objects.get(), member)
    assert AuditEntry.objects.get(action="submission.cancelled").after == {"token": "CI"}


def test_it_reaches_none_of_another_event_where_its_maker_is_at_home() -> None:
    life = make_life(make_scene())
    other = make_team(make_event("elsewhere"))
    maker = member_of(other)
    make_organizer(life.scene.event, maker)
    found, headers = things(life), bearer(other)
    reached = {}
    asked = 0
    for row in rows():
        address = row.address.format(**found)
        if not address.startswith(f"/{API}") or any(word in address for word in OPEN):
            continue
        name = address.removeprefix(f"/{API}").partition("?")[0]
        said = Client().generic(row.verb, address, "{}", content_type="application/json", headers=headers)
        asked += 1
        expected = (200,) if name in TEAMLESS else (403, 404)
        if said.status_code not in expected:
            reached[f"{row.verb} {address}"] = said.status_code
    assert asked > 8
    assert reached == {}


def test_only_operations_that_heed_teams_are_open_to_it_outside_events() -> None:
    """Each of them has a test of its own."""
    outside = {
        view.operations[0].view_func.__name__
        for _, router in api._routers
        for path, view in router.path_operations.items()
        if "{slug:event}" not in path
    }
    assert outside & TEAMLESS == {"events", "me"}


def test_it_says_which_team_it_is_of_and_not_who_made_it() -> None:
    team = make_team(make_event("gear"))
    said = Client().get("/api/v1/me", headers=bearer(team)).json()
    assert (said["name"], said["team"]) == (team.name, {"id": team.pk, "name": team.name})
    assert said["email"] is None and member_of(team).email not in str(said)


def test_it_takes_part_in_one_event_though_its_maker_is_in_two() -> None:
    team = make_team(make_event("gear"))
    make_participant(make_event("elsewhere"), member_of(team))
    listed = Client().get("/api/v1/events", headers=bearer(team))
    assert "gear" in listed.content.decode() and "elsewhere" not in listed.content.decode()


def test_it_never_does_what_organizers_do() -> None:
    team = make_team(make_event())
    answer = Client().post(f"/api/v1/events/{team.event.slug}/bundles", headers=bearer(team))
    assert answer.status_code == 403
    assert "lacks the scope `organize`" in problem(answer)["detail"]


def test_it_opens_no_page_of_the_account() -> None:
    headers = bearer(make_team(make_event()))
    for address in ("/account/", "/account/tokens/", "/account/data.json"):
        assert Client().get(address, headers=headers).status_code == 302


def test_when_its_maker_has_left_it_says_why_it_is_refused() -> None:
    team = make_team(make_event())
    headers = bearer(team)
    leave_team(team, member_of(team))
    answer = Client().get("/api/v1/events", headers=headers)
    assert answer.status_code == 401
    assert "ended with its team, or with its maker's place" in problem(answer)["detail"]
