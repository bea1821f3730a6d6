"""Who hears what: every kind of message against every kind of viewer."""

import pytest

from heldout.live.queries import listener_for
from heldout.live.rules import Listener, Notice, event_name, frame, may_hear
from tests.heldout.factories import (
    make_coach,
    make_event,
    make_organizer,
    make_participant,
    make_superuser,
    make_team,
    make_user,
)
from tests.heldout.handing_in import member_of


def notice(topic: str = "submission", *, event: int | None = 1, team: int | None = None) -> Notice:
    data = {"challenge": "warm-up", "submission": "some-id"}
    return Notice(topic, event, team, data)  # type: ignore[arg-type]


ORGANIZER = Listener(event=1, organizer=True, teams=frozenset())
MEMBER = Listener(event=1, organizer=False, teams=frozenset({7}))
COACH = Listener(event=1, organizer=False, teams=frozenset({7, 8}))
RIVAL = Listener(event=1, organizer=False, teams=frozenset({9}))
TEAMLESS = Listener(event=1, organizer=False, teams=frozenset())
ELSEWHERE = Listener(event=2, organizer=True, teams=frozenset({7}))


@pytest.mark.parametrize(
    ("message", "hearers"),
    [
        (notice(team=7), {"organizer", "member", "coach"}),
        (notice(team=9), {"organizer", "rival"}),
        (notice("board"), {"organizer", "member", "coach", "rival", "teamless"}),
        (notice("challenge"), {"organizer", "member", "coach", "rival", "teamless"}),
        (notice("workers", event=None), {"organizer", "member", "coach", "rival", "teamless", "elsewhere"}),
        (notice(event=2, team=7), {"elsewhere"}),
    ],
)
def test_who_hears_what(message: Notice, hearers: set[str]) -> None:
    everybody = {
        "organizer": ORGANIZER,
        "member": MEMBER,
        "coach": COACH,
        "rival": RIVAL,
        "teamless": TEAMLESS,
        "elsewhere": ELSEWHERE,
    }
    assert {name for name, listener in everybody.items() if may_hear(listener, message)} == hearers


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("board", "board-warm-up"),
        ("submission", "submission-some-id"),
        ("challenge", "challenges"),
        ("workers", "workers"),
    ],
)
def test_pages_listen_by_name(topic: str, name: str) -> None:
    assert event_name(notice(topic)) == name
    assert frame(notice(topic)).startswith(f"event: {name}\ndata: {{".encode())
    assert frame(notice(topic)).endswith(b"}\n\n")


@pytest.mark.django_db
def test_a_viewer_is_resolved_by_role_and_team() -> None:
    event = make_event()
    coach = make_coach(event)
    team, other = make_team(event, coach=coach), make_team(event)
    dismissed = make_participant(event)
    make_team(event, coach=dismissed)
    make_team(make_event(), coach=coach)
    expected = {
        member_of(team): (False, {team.pk}),
        member_of(other): (False, {other.pk}),
        coach: (False, {team.pk}),
        dismissed: (False, set()),
        make_organizer(event): (True, set()),
        make_superuser(): (True, set()),
        make_user(): (False, set()),
    }
    for user, (organizer, teams) in expected.items():
        assert listener_for(user, event) == Listener(event.pk, organizer, frozenset(teams))


def test_a_listener_travels_unchanged() -> None:
    for listener in (ORGANIZER, MEMBER, COACH, TEAMLESS):
        assert Listener.from_json(listener.to_json()) == listener
