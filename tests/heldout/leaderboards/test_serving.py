"""A board is made once for each change; a hit needs no query and no template, and is still checked."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.template import Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from heldout.accounts import tokens
from heldout.accounts.models import Scope, User
from heldout.catalog.models import Challenge
from heldout.events.models import Role
from heldout.leaderboards import serving, tickets
from heldout.teams.models import Team
from tests.heldout.factories import make_event, make_participant, make_team, make_user
from tests.heldout.handing_in import make_challenge, member_of, scored
from tests.heldout.leaderboards.test_freezing import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


class Work:
    """What was done meanwhile."""

    queries = 0
    renders = 0


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """Counts queries, and templates that are rendered."""
    work, render = Work(), Template._render  # type: ignore[attr-defined]

    def counting(self: Template, context: Any) -> Any:
        work.renders += 1
        return render(self, context)

    with monkeypatch.context() as patch, CaptureQueriesContext(connection) as captured:
        patch.setattr(Template, "_render", counting)
        yield work
    work.queries = len(captured)


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge(quota_per_day=100)


@pytest.fixture
def team(challenge: Challenge) -> Team:
    made = make_team(challenge.event, "Ours")
    scored(challenge, made, 0.7)
    return made


def addresses(challenge: Challenge) -> list[str]:
    own = [challenge.event.slug, challenge.slug]
    return [reverse("board_rows", args=own), f"/api/v1/events/{own[0]}/challenges/{own[1]}/board"]


@pytest.mark.parametrize("which", [0, 1])
def test_a_hit_takes_no_query_and_no_render(
    challenge: Challenge, team: Team, which: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address = signed_in(member_of(team)), addresses(challenge)[which]
    first = client.get(address)
    with counted(monkeypatch) as work:
        again = client.get(address)
    assert (work.queries, work.renders) == (0, 0)
    assert again.content == first.content
    with counted(monkeypatch) as work:
        unchanged = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (work.queries, work.renders) == (0, 0)


def test_a_change_is_rendered_once_for_all(
    challenge: Challenge, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three viewers without a team, of whom one pays."""
    viewers = [signed_in(make_participant(challenge.event)) for _ in range(3)]
    address = addresses(challenge)[0]
    old = [viewer.get(address) for viewer in viewers]
    scored(challenge, team, 0.9)
    with counted(monkeypatch) as work:
        new = [viewer.get(address) for viewer in viewers]
    renders_of_one = work.renders
    assert all("0.90" in page.content.decode() for page in new)
    assert all(page["ETag"] != old[0]["ETag"] for page in new)
    scored(challenge, team, 0.95)
    with counted(monkeypatch) as work:
        viewers[0].get(address)
    assert work.renders == renders_of_one


def test_each_sees_the_own_row_and_no_other_as_such(challenge: Challenge, team: Team) -> None:
    rivals = make_team(challenge.event, "Theirs")
    scored(challenge, rivals, 0.9)
    page, body = (signed_in(member_of(team)).get(address) for address in addresses(challenge))
    html = page.content.decode()
    assert html.count('class="mine ') == 1 and html.count(">you<") == 1
    assert f'data-row="{team.pk}" class="mine ' in html
    assert {row["name"]: row["is_mine"] for row in body.json()["rows"]} == {"Ours": True, "Theirs": False}
    lone = signed_in(make_participant(challenge.event)).get(addresses(challenge)[0]).content.decode()
    assert "mine" not in lone and ">you<" not in lone


def test_nobody_gets_a_board_without_having_been_let_in(challenge: Challenge, team: Team) -> None:
    for address, refused in zip(addresses(challenge), (401, 401), strict=True):
        signed_in(member_of(team)).get(address)
        assert Client().get(address).status_code == refused
        assert signed_in(make_user()).get(address).status_code == 404
        assert signed_in(make_participant(make_event())).get(address).status_code == 404


def test_programs_with_a_token_are_checked_each_time_and_see_their_own_row(
    challenge: Challenge, team: Team
) -> None:
    rivals, address = make_team(challenge.event, "Theirs"), addresses(challenge)[1]
    scored(challenge, rivals, 0.9)

    def asked(user: User) -> Any:
        _, secret = tokens.make(user, "notebook", [Scope.READ], 30)
        return Client().get(address, headers={"Authorization": f"Bearer {secret}"})

    for viewer, own in ((member_of(team), "Ours"), (member_of(rivals), "Theirs")):
        rows = asked(viewer).json()["rows"]
        assert [row["name"] for row in rows if row["is_mine"]] == [own]
    assert asked(make_user()).status_code == 404
    assert Client().get(address).status_code == 401


def test_signing_out_ends_the_ticket_at_once(challenge: Challenge, team: Team) -> None:
    client, address = signed_in(member_of(team)), addresses(challenge)[0]
    assert client.get(address).status_code == 200
    cookie = client.cookies["sessionid"].value
    client.post(reverse("account_logout"))
    thief = Client()
    thief.cookies["sessionid"] = cookie
    assert thief.get(address).status_code == 401


def test_a_role_that_is_taken_away_ends_with_the_ticket(
    challenge: Challenge, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tickets, "SECONDS", 1)
    viewer = make_participant(challenge.event)
    client, address = signed_in(viewer), addresses(challenge)[0]
    assert client.get(address).status_code == 200
    Role.objects.filter(user=viewer).delete()
    time.sleep(1.1)
    assert client.get(address).status_code == 404


def test_a_new_name_shows_at_once(challenge: Challenge, team: Team) -> None:
    client, address = signed_in(member_of(team)), addresses(challenge)[0]
    client.get(address)
    team.name = "Renamed"
    team.save()
    assert "Renamed" in client.get(address).content.decode()


def test_a_long_board_comes_in_pages_with_the_own_row_on_each(
    challenge: Challenge, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "ROWS", 2)
    for score in (0.95, 0.9, 0.85, 0.8):
        scored(challenge, make_team(challenge.event), score)
    client, address = signed_in(member_of(team)), addresses(challenge)[0]
    first, last = client.get(address).content.decode(), client.get(address + "?from=4").content.decode()
    assert first.count("<tr data-row") == 3 and "More rows" in first and "Earlier rows" not in first
    assert last.count("<tr data-row") == 1 and "Earlier rows" in last and "More rows" not in last
    assert first.count(">you<") == last.count(">you<") == 1
    assert client.get(address + "?from=nonsense").status_code == 200


def test_names_cannot_break_out(challenge: Challenge) -> None:
    team = make_team(challenge.event, "<!--own row--><script>")
    scored(challenge, team, 0.9)
    page = signed_in(member_of(team)).get(addresses(challenge)[0]).content.decode()
    assert "<script>" not in page
