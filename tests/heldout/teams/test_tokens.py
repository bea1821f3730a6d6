"""Tokens of teams: made and revoked by members, and ended with the team or its maker's place in it."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from heldout.accounts import tokens as personal
from heldout.accounts.models import ApiToken, User
from heldout.audit.models import AuditEntry
from heldout.events.models import Role, RoleName
from heldout.events.rules import Refusal
from heldout.teams import actions, tokens
from heldout.teams.models import Membership, Team, TeamToken
from tests.heldout.factories import make_event, make_organizer, make_participant, make_team, make_user
from tests.heldout.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return make_team(make_event("gear"), "Cairn", members=2)


def members(team: Team) -> list[User]:
    return [place.user for place in Membership.objects.filter(team=team)]


def make(team: Team, name: str = "CI") -> TeamToken:
    return tokens.make(team, members(team)[0], name, 7, timezone.now())[0]


def acts(token: TeamToken) -> bool:
    return tokens.place_of(ApiToken.objects.get(pk=token.token_id)) is not None


def test_it_reads_and_hands_in_and_nothing_more(team: Team) -> None:
    made = make(team)
    assert made.token.scopes == ["read", "submit"]
    assert not made.token.is_personal
    assert acts(made)


def test_only_members_make_one(team: Team) -> None:
    for other in (make_participant(team.event), make_organizer(team.event), make_user()):
        with pytest.raises(Refusal, match="You are not in Cairn"):
            tokens.make(team, other, "CI", 7, timezone.now())


def test_who_runs_the_site_lends_a_machine_no_powers(team: Team) -> None:
    maker, made = members(team)[0], make(team)
    User.objects.filter(pk=maker.pk).update(is_staff=True, is_superuser=True)
    assert not acts(made)
    with pytest.raises(Refusal, match="Your account runs the site"):
        tokens.make(team, User.objects.get(pk=maker.pk), "CI", 7, timezone.now())


def test_who_organizes_by_now_lends_a_machine_no_powers(team: Team) -> None:
    made = make(team)
    Role.objects.filter(user=members(team)[0]).update(name=RoleName.ORGANIZER)
    assert not acts(made)


@pytest.mark.parametrize("how", ["leave", "moved", "emptied", "disbanded"])
def test_it_ends_for_good_when_its_maker_leaves_or_the_team_ends(team: Team, how: str) -> None:
    made, maker, organizer = make(team), members(team)[0], make_organizer(team.event)
    ends: dict[str, Any] = {
        "leave": lambda: actions.leave_team(team, maker),
        "moved": lambda: actions.move_member(maker, make_team(team.event), organizer),
        "emptied": lambda: actions.empty_team(team, organizer),
        "disbanded": lambda: actions.disband(team, organizer),
    }
    ends[how]()
    assert not acts(made)
    if how == "leave":
        actions.join_team(team.event, maker, team.join_code)
        assert not acts(made)


def test_it_stays_when_another_member_leaves(team: Team) -> None:
    made = make(team)
    actions.leave_team(team, members(team)[1])
    assert acts(made)


def test_a_team_has_ten_at_most_and_may_revoke_one_for_another(team: Team) -> None:
    made = [make(team, f"machine {number}") for number in range(10)]
    with pytest.raises(Refusal, match="10 tokens at most"):
        make(team)
    tokens.revoke(team, made[0], members(team)[1])
    make(team)
    assert "was revoked" in personal.fault(ApiToken.objects.get(pk=made[0].token_id), timezone.now())


def test_making_and_revoking_are_on_record(team: Team) -> None:
    made = make(team)
    tokens.revoke(team, made, members(team)[1])
    found = AuditEntry.objects.filter(target_id=str(team.pk)).order_by("pk")
    assert [(entry.action, entry.after["name"]) for entry in found] == [
        ("team.token", "CI"),
        ("team.token_revoked", "CI"),
    ]


def test_the_page_tells_a_new_token_once_to_members(client: Client, team: Team) -> None:
    client.force_login(members(team)[0])
    made = client.post("/events/gear/team/tokens/", {"name": "our machine", "days": 3})
    assert b"hld_" in made.content and "no-store" in made["Cache-Control"]
    client.force_login(members(team)[1])
    later = client.get("/events/gear/team/tokens/")
    assert b"hld_" not in later.content and "our machine" in words(later)
    token = TeamToken.objects.get()
    assert client.post(f"/events/gear/team/tokens/{token.pk}/revoke/").status_code == 302
    assert not acts_by_secret(made)
    assert "The token our machine works no longer." in words(client.get("/events/gear/team/tokens/"))
    assert "No tokens yet" in words(client.get("/events/gear/team/tokens/"))


def acts_by_secret(page: Any) -> bool:
    secret = page.content.decode().split('data-copy="')[1].split('"')[0]
    found = personal.found(secret, timezone.now())
    assert found is not None
    return not personal.fault(found, timezone.now())


def test_another_teams_token_is_not_there(client: Client, team: Team) -> None:
    made, rivals = make(team), make_team(team.event)
    client.force_login(members(rivals)[0])
    assert client.post(f"/events/gear/team/tokens/{made.pk}/revoke/").status_code == 404
    assert acts(made)


def test_it_is_not_among_its_makers_own_tokens(client: Client, team: Team) -> None:
    made = make(team, "shared machine")
    client.force_login(members(team)[0])
    assert "shared machine" not in words(client.get("/account/tokens/"))
    assert client.post(f"/account/tokens/{made.token_id}/revoke/").status_code == 404
