"""Scores come, a coach ticks: what that makes of a team's challenge."""

from typing import Any

import pytest

from heldout.accounts.models import User
from heldout.audit.models import AuditEntry
from heldout.catalog.models import Attainment, Challenge, SignOff, Tick
from heldout.catalog.passing import sign_off, withdraw_sign_off
from heldout.events.rules import Refusal
from heldout.leaderboards.actions import rebuild_standings
from heldout.teams.models import Team
from scoring import learned
from tests.heldout.factories import make_coach, make_event, make_organizer, make_team
from tests.heldout.handing_in import insight, make_challenge, member_of, rehearsed, scored

pytestmark = pytest.mark.django_db

CRITERIA: list[dict[str, Any]] = [
    {"text": "Very accurate", "metric": "accuracy", "at_least": 0.9},
    {"text": "Hats too", "metric": "recall", "each_class": True, "at_least": 0.5},
    {"text": "Plotted", "evidence": True},
    {"text": "Five of their own", "evidence": True},
]
EVIDENCE = ["Plotted", "Five of their own"]


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge(criteria=CRITERIA)


@pytest.fixture
def coach(challenge: Challenge) -> User:
    return make_coach(challenge.event)


@pytest.fixture
def team(challenge: Challenge, coach: User) -> Team:
    return make_team(challenge.event, "Cairn", coach=coach)


def attained(team: Team) -> Attainment:
    return Attainment.objects.get(team=team)


def hats(recall: float) -> learned.Insight:
    return insight(hidden={"public": [learned.ClassScore(name="hat", count=250, scores={"recall": recall})]})


def test_scores_meet_criteria_and_what_is_met_stays_met(challenge: Challenge, team: Team) -> None:
    scored(challenge, team, 0.95)
    assert (attained(team).best, attained(team).met) == (0.95, ["Very accurate"])
    scored(challenge, team, 0.82, insight=hats(0.6))
    assert (attained(team).best, attained(team).met) == (0.95, ["Very accurate", "Hats too"])
    assert attained(team).passed_at is None


def test_a_rehearsal_meets_nothing(challenge: Challenge, team: Team) -> None:
    rehearsed(challenge, team, 0.99)
    assert not Attainment.objects.exists()


def test_the_second_key_passes_the_challenge(challenge: Challenge, team: Team, coach: User) -> None:
    scored(challenge, team, 0.95, insight=hats(0.6))
    assert sign_off(challenge, team, coach, seen=["Plotted"]) is None
    assert attained(team).passed_at is None
    signed = sign_off(challenge, team, coach, seen=["Five of their own"], note=" Well\n explained ")
    assert signed is not None
    assert signed.note == "Well explained"
    assert attained(team).passed_at is not None


def test_the_order_of_the_keys_does_not_matter(challenge: Challenge, team: Team, coach: User) -> None:
    sign_off(challenge, team, coach, seen=EVIDENCE)
    assert attained(team).passed_at is None
    scored(challenge, team, 0.95, insight=hats(0.6))
    assert attained(team).passed_at is not None


def test_a_challenge_without_evidence_is_signed_off_by_a_word(coach: User, team: Team) -> None:
    plain = make_challenge(team.event)
    assert sign_off(plain, team, coach, seen=[]) is not None


def test_nothing_ticked_is_refused(challenge: Challenge, team: Team, coach: User) -> None:
    with pytest.raises(Refusal, match="Nothing is ticked"):
        sign_off(challenge, team, coach, seen=[])


def test_what_no_coach_judges_cannot_be_ticked(challenge: Challenge, team: Team, coach: User) -> None:
    with pytest.raises(Refusal, match="no criterion"):
        sign_off(challenge, team, coach, seen=["Very accurate"])
    assert not Tick.objects.exists()


def test_only_the_teams_coach_and_organizers_sign_off(challenge: Challenge, team: Team) -> None:
    event = challenge.event
    strangers = [member_of(team), make_coach(event), make_organizer(make_event())]
    for stranger in strangers:
        with pytest.raises(Refusal, match="You do not coach Cairn"):
            sign_off(challenge, team, stranger, seen=EVIDENCE)
    assert sign_off(challenge, team, make_organizer(event), seen=EVIDENCE)


def test_a_team_of_another_event_is_not_signed_off(challenge: Challenge, team: Team) -> None:
    elsewhere = make_challenge()
    with pytest.raises(Refusal):
        sign_off(elsewhere, team, make_organizer(elsewhere.event), seen=[])


def test_a_withdrawn_sign_off_takes_the_pass_with_it(challenge: Challenge, team: Team, coach: User) -> None:
    scored(challenge, team, 0.95, insight=hats(0.6))
    sign_off(challenge, team, coach, seen=EVIDENCE)
    with pytest.raises(Refusal, match="Say why"):
        withdraw_sign_off(challenge, team, coach, " ")
    withdraw_sign_off(challenge, team, coach, "wrong team")
    assert attained(team).passed_at is None
    assert not SignOff.objects.exists()
    assert not Tick.objects.exists()


def test_each_step_is_in_the_audit_log(challenge: Challenge, team: Team, coach: User) -> None:
    scored(challenge, team, 0.95, insight=hats(0.6))
    sign_off(challenge, team, coach, seen=EVIDENCE, note="clear")
    sign_off(challenge, team, coach, seen=EVIDENCE, note="again")
    withdraw_sign_off(challenge, team, coach, "wrong team")
    entries = AuditEntry.objects.filter(action__regex="criterion|signed|passed|sign_off").order_by("pk")
    assert [(entry.action, entry.actor) for entry in entries] == [
        ("criterion.ticked", coach),
        ("criterion.ticked", coach),
        ("challenge.signed_off", coach),
        ("challenge.passed", None),
        ("sign_off.withdrawn", coach),
        ("challenge.unpassed", None),
    ]
    assert entries[4].reason == "wrong team"
    assert {entry.event_slug for entry in entries} == {challenge.event.slug}


def test_a_rebuild_makes_the_same_of_the_same_scores(challenge: Challenge, team: Team, coach: User) -> None:
    scored(challenge, team, 0.95, insight=hats(0.6))
    sign_off(challenge, team, coach, seen=EVIDENCE)
    kept = vars(attained(team)).copy()
    Attainment.objects.update(best=None, best_at=None, met=[])
    rebuild_standings(challenge.event)
    rebuilt = vars(attained(team))
    assert {name: rebuilt[name] for name in ("best", "best_at", "met", "passed_at")} == {
        name: kept[name] for name in ("best", "best_at", "met", "passed_at")
    }
