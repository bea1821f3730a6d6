"""What opens a challenge for a team, and that pages, downloads, hand-ins and the API ask the same rule."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit.models import AuditEntry
from heldout.catalog.admissions import team_admission
from heldout.catalog.gating import add_gate, open_by_hand, remove_gate
from heldout.catalog.models import Challenge, GateKind
from heldout.catalog.passing import sign_off
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.teams.models import Team
from tests.heldout.factories import make_coach, make_event, make_organizer, make_participant, make_team
from tests.heldout.handing_in import hand_in, make_challenge, member_of, scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    return make_event("gates", time_zone="Europe/Amsterdam")


@pytest.fixture
def first(event: Event) -> Challenge:
    return make_challenge(event, title="First steps")


@pytest.fixture
def second(event: Event, first: Challenge) -> Challenge:
    return make_challenge(event, title="Into the deep")


@pytest.fixture
def coach(event: Event) -> User:
    return make_coach(event)


@pytest.fixture
def team(event: Event, coach: User) -> Team:
    return make_team(event, "Cairn", coach=coach)


def is_open(challenge: Challenge, team: Team | None) -> bool:
    return team_admission(challenge, team).admitted


def test_without_gates_a_challenge_is_open_to_everybody(second: Challenge, team: Team) -> None:
    assert is_open(second, team)
    assert is_open(second, None)


def test_a_time_opens_it_for_all_teams_at_once(second: Challenge, team: Team) -> None:
    gate = add_gate(second, GateKind.TIME, None, at=timezone.now() + timedelta(hours=1))
    assert not is_open(second, team)
    type(gate).objects.update(at=timezone.now() - timedelta(seconds=1))
    assert is_open(second, team)
    assert is_open(second, None)


def test_passing_an_earlier_one_opens_it(first: Challenge, second: Challenge, team: Team) -> None:
    rivals = make_team(team.event)
    add_gate(second, GateKind.PASSED, None, after=first)
    scored(first, team, 0.79)
    assert not is_open(second, team)
    scored(first, team, 0.81)
    assert is_open(second, team)
    assert not is_open(second, rivals)
    assert not is_open(second, None)


def test_a_score_on_an_earlier_one_opens_it(first: Challenge, second: Challenge, team: Team) -> None:
    add_gate(second, GateKind.THRESHOLD, None, after=first, score=0.5)
    scored(first, team, 0.49)
    assert not is_open(second, team)
    scored(first, team, 0.5)
    assert is_open(second, team)


def test_where_lower_is_better_a_threshold_is_a_ceiling(event: Event, team: Team) -> None:
    loss = make_challenge(event, metric="log_loss")
    later = make_challenge(event)
    add_gate(later, GateKind.THRESHOLD, None, after=loss, score=0.5)
    scored(loss, team, 0.6)
    assert not is_open(later, team)
    scored(loss, team, 0.4)
    assert is_open(later, team)


def test_the_coachs_sign_off_opens_it(first: Challenge, second: Challenge, team: Team, coach: User) -> None:
    add_gate(second, GateKind.SIGNED_OFF, None, after=first)
    assert not is_open(second, team)
    sign_off(first, team, coach, seen=[])
    assert is_open(second, team)


def test_any_one_of_the_gates_is_enough(first: Challenge, second: Challenge, team: Team) -> None:
    add_gate(second, GateKind.TIME, None, at=timezone.now() + timedelta(hours=1))
    add_gate(second, GateKind.PASSED, None, after=first)
    scored(first, team, 0.9)
    assert is_open(second, team)


def test_an_organizer_opens_it_for_one_team_with_a_reason(
    first: Challenge, second: Challenge, team: Team
) -> None:
    organizer = make_organizer(team.event)
    add_gate(second, GateKind.PASSED, None, after=first)
    with pytest.raises(Refusal, match="A reason is missing"):
        open_by_hand(second, team, organizer, "  ")
    open_by_hand(second, team, organizer, "They joined late")
    assert is_open(second, team)
    assert not is_open(second, make_team(team.event))
    with pytest.raises(Refusal, match="open to Cairn already"):
        open_by_hand(second, team, organizer, "again")
    entry = AuditEntry.objects.get(action="challenge.opened_by_hand")
    assert (entry.actor, entry.reason) == (organizer, "They joined late")


def test_no_gate_opens_what_the_organizers_have_not(event: Event, team: Team, first: Challenge) -> None:
    draft = make_challenge(event, opened=False)
    add_gate(draft, GateKind.TIME, None, at=timezone.now() - timedelta(hours=1))
    open_by_hand(draft, team, make_organizer(event), "early birds")
    assert not is_open(draft, team)


def test_the_words_say_every_way_in(first: Challenge, second: Challenge, team: Team) -> None:
    at = timezone.now().replace(year=2031, month=7, day=1, hour=7, minute=30)
    add_gate(second, GateKind.TIME, None, at=at)
    add_gate(second, GateKind.PASSED, None, after=first)
    add_gate(second, GateKind.THRESHOLD, None, after=first, score=0.75)
    add_gate(second, GateKind.SIGNED_OFF, None, after=first)
    assert team_admission(second, team).text == (
        "It opens when it is Tuesday, 09:30, or when your team has passed First steps, "
        "or when your team has 0.75 or more on First steps, or when your coach has signed off First steps."
    )


@pytest.mark.parametrize(
    ("kind", "fields", "refusal"),
    [
        (GateKind.TIME, {}, "A time is missing"),
        (GateKind.PASSED, {}, "An earlier challenge is missing"),
        (GateKind.THRESHOLD, {"after": "first"}, "A score is missing"),
        (GateKind.PASSED, {"after": "itself"}, "does not come before"),
        (GateKind.SIGNED_OFF, {"after": "elsewhere"}, "An earlier challenge is missing"),
    ],
)
def test_a_gate_that_nobody_could_pass_is_refused(
    first: Challenge, second: Challenge, kind: GateKind, fields: dict[str, Any], refusal: str
) -> None:
    named = {"first": first, "itself": second, "elsewhere": make_challenge()}
    if "after" in fields:
        fields = fields | {"after": named[fields["after"]]}
    with pytest.raises(Refusal, match=refusal):
        add_gate(second, kind, None, **fields)


def test_the_same_gate_twice_is_refused_and_one_taken_away_opens(first: Challenge, second: Challenge) -> None:
    gate = add_gate(second, GateKind.PASSED, None, after=first)
    with pytest.raises(Refusal, match="such a gate already"):
        add_gate(second, GateKind.PASSED, None, after=first)
    remove_gate(gate, None)
    assert is_open(second, None)


@pytest.fixture
def gated(first: Challenge, second: Challenge) -> Challenge:
    add_gate(second, GateKind.PASSED, None, after=first)
    return second


def addresses(challenge: Challenge) -> dict[str, str]:
    args = [challenge.event.slug, challenge.slug]
    names = ("challenge_data", "challenge_preview", "board")
    api = f"/api/v1/events/{args[0]}/challenges/{args[1]}"
    return {name: reverse(name, args=args) for name in names} | {
        "api board": f"{api}/board",
        "api submissions": f"{api}/submissions",
    }


def test_behind_a_closed_gate_nothing_is_given(client: Client, gated: Challenge, team: Team) -> None:
    for user in (member_of(team), make_participant(gated.event)):
        client.force_login(user)
        found = {name: client.get(address).status_code for name, address in addresses(gated).items()}
        assert set(found.values()) == {404}, found


def test_a_closed_page_says_what_opens_it(client: Client, gated: Challenge, team: Team) -> None:
    client.force_login(member_of(team))
    page = client.get(reverse("challenge", args=[gated.event.slug, gated.slug])).content.decode()
    assert "Your team has passed First steps" in page
    assert "Your task" not in page
    assert "Hand in" not in page


def test_a_hand_in_behind_a_closed_gate_is_refused_with_what_opens_it(
    client: Client, gated: Challenge, team: Team
) -> None:
    with pytest.raises(Refusal, match="your team has passed First steps"):
        hand_in(gated, team)
    client.force_login(member_of(team))
    api = f"/api/v1/events/{gated.event.slug}/challenges/{gated.slug}/submissions"
    answer = client.post(api)
    assert answer.status_code in (403, 409, 422), answer.content
    assert "passed First steps" in answer.content.decode()


def test_the_api_lists_a_closed_one_with_what_opens_it(client: Client, gated: Challenge, team: Team) -> None:
    client.force_login(member_of(team))
    rows = client.get(f"/api/v1/events/{gated.event.slug}/challenges").json()["items"]
    row = next(row for row in rows if row["slug"] == gated.slug)
    assert (row["state"], row["opens"], row["summary"]) == (
        "locked",
        ["your team has passed First steps"],
        "",
    )


def test_coaches_and_organizers_see_what_is_closed_to_teams(
    client: Client, gated: Challenge, coach: User
) -> None:
    for user in (coach, make_organizer(gated.event)):
        client.force_login(user)
        assert client.get(reverse("board", args=[gated.event.slug, gated.slug])).status_code == 200


def test_behind_an_open_gate_everything_is(
    client: Client, first: Challenge, gated: Challenge, team: Team
) -> None:
    scored(first, team, 0.9)
    client.force_login(member_of(team))
    assert client.get(reverse("board", args=[gated.event.slug, gated.slug])).status_code == 200
    assert hand_in(gated, team).state == "queued"
