import pytest
from hypothesis import given
from hypothesis import strategies as st

from heldout.events.models import Role
from heldout.events.rules import Refusal
from heldout.teams.queries import members
from heldout.teams.rules import clean_name, may_see_team
from tests.heldout.factories import (
    make_coach,
    make_event,
    make_organizer,
    make_participant,
    make_team,
    make_user,
)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("  Ridge   Runners ", "Ridge Runners"),
        ("\uff32\uff49\uff44\uff47\uff45", "Ridge"),
        ("Ridge\x00\x1bRunners", "Ridge Runners"),
        ("Rid\u200bge\u202e", "Ridge"),
        ("Ridge\nRunners", "Ridge Runners"),
        ("Überfit", "Überfit"),
    ],
)
def test_names_are_written_in_one_way(raw: str, name: str) -> None:
    assert clean_name(raw) == name


@pytest.mark.parametrize("raw", ["", "   ", "\u200b", "\x00\n", "x" * 41, "\ufdfa" * 3])
def test_names_that_are_empty_or_too_long_are_refused(raw: str) -> None:
    with pytest.raises(Refusal):
        clean_name(raw)


@given(st.text(max_size=60))
def test_cleaning_a_clean_name_changes_nothing(raw: str) -> None:
    try:
        name = clean_name(raw)
    except Refusal:
        return
    assert clean_name(name) == name
    assert 1 <= len(name) <= 40
    assert name.isprintable()


@pytest.mark.django_db
def test_what_is_private_to_a_team_is_seen_by_members_its_coach_and_organizers() -> None:
    event = make_event()
    coach = make_coach(event)
    team = make_team(event, coach=coach)
    for viewer in (members(team)[0], coach, make_organizer(event)):
        assert may_see_team(viewer, team)
    others = (make_participant(event), make_coach(event), make_user(), make_organizer(make_event()))
    assert not any(may_see_team(viewer, team) for viewer in others)


@pytest.mark.django_db
def test_who_is_no_coach_of_the_event_any_more_sees_the_team_no_longer() -> None:
    event = make_event()
    coach = make_coach(event)
    team = make_team(event, coach=coach)
    Role.objects.filter(user=coach).delete()
    assert not may_see_team(coach, team)
