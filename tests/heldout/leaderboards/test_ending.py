"""Freezing, choosing, revealing, publishing; and that nobody sees a private score before."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit.models import AuditEntry
from heldout.catalog.models import Challenge
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.leaderboards import ending
from heldout.leaderboards.actions import rebuild_standings
from heldout.leaderboards.actions import record_evaluation as record
from heldout.leaderboards.final import final_board, reveal
from heldout.leaderboards.models import BoardRules, Choice, FinalRule, FrozenStanding
from heldout.leaderboards.points import points_board
from heldout.leaderboards.queries import board
from heldout.submissions.models import Submission
from heldout.teams.models import Team
from tests.heldout.factories import make_coach, make_organizer, make_team
from tests.heldout.handing_in import (
    evaluation_for,
    fresh,
    hand_in,
    inspected,
    make_challenge,
    member_of,
    put_to_work,
    rehearsed,
    scored,
    split_score,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge(quota_per_day=100)


@pytest.fixture
def event(challenge: Challenge) -> Event:
    return challenge.event


@pytest.fixture
def organizer(event: Event) -> User:
    return make_organizer(event)


@pytest.fixture
def teams(event: Event) -> list[Team]:
    return [make_team(event, name) for name in ("Ada", "Ben", "Eve")]


def scored_on_both(challenge: Challenge, team: Team, public: float, private: float) -> Submission:
    submission = inspected(challenge, team)
    put_to_work(submission)
    scores = [split_score("public", public), split_score("private", private)]
    record(evaluation_for(submission, public, scores=scores))
    return fresh(submission)


def seen(challenge: Challenge, viewer: Any) -> list[tuple[str, str]]:
    return [(row.name, row.score_text) for row in board(challenge, viewer).rows]


def test_others_see_a_frozen_board_as_it_stood(
    challenge: Challenge, event: Event, organizer: User, teams: list[Team]
) -> None:
    ada, ben, eve = teams
    scored(challenge, ada, 0.6)
    scored(challenge, ben, 0.7)
    ending.freeze(event, organizer)
    scored(challenge, ada, 0.8)
    scored(challenge, eve, 0.9)
    as_it_stood, now = [("Ben", "0.70"), ("Ada", "0.60")], [("Eve", "0.90"), ("Ada", "0.80"), ("Ben", "0.70")]
    for viewer in (member_of(ada), member_of(ben), member_of(eve), make_coach(event)):
        assert seen(challenge, viewer) == as_it_stood
    assert seen(challenge, organizer) == now
    ending.unfreeze(event, organizer)
    assert seen(challenge, member_of(ben)) == now
    assert not FrozenStanding.objects.exists()
    actions = AuditEntry.objects.filter(action="boards.rules").values_list("actor", flat=True)
    assert list(actions) == [organizer.pk] * 2


def test_a_freeze_that_is_set_in_advance_begins_by_itself(
    challenge: Challenge, event: Event, organizer: User, teams: list[Team]
) -> None:
    ending.freeze(event, organizer, timezone.now() + timedelta(hours=1))
    scored(challenge, teams[0], 0.6)
    assert seen(challenge, member_of(teams[1])) == [("Ada", "0.60")]
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        scored(challenge, teams[0], 0.8)
        assert seen(challenge, member_of(teams[1])) == [("Ada", "0.60")]
        assert seen(challenge, organizer) == [("Ada", "0.80")]
        before = list(FrozenStanding.objects.values_list("team", "score"))
        assert rebuild_standings(event) == 0
        assert list(FrozenStanding.objects.values_list("team", "score")) == before


def test_what_was_handed_in_before_and_scored_after_the_freeze_waits(
    challenge: Challenge, event: Event, organizer: User, teams: list[Team]
) -> None:
    submission = inspected(challenge, teams[0])
    put_to_work(submission)
    ending.freeze(event, organizer)
    record(evaluation_for(submission, 0.9))
    assert seen(challenge, member_of(teams[1])) == []


def test_points_earned_after_the_freeze_are_not_seen_by_others(
    challenge: Challenge, event: Event, organizer: User, teams: list[Team]
) -> None:
    ending.freeze(event, organizer)
    scored(challenge, teams[0], 0.95)

    def points(viewer: User) -> list[int]:
        return [row.count for row in points_board(event, viewer, timezone.now()).rows]

    assert points(member_of(teams[1])) == [0, 0, 0]
    assert points(organizer) == [1, 0, 0]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (FinalRule.BEST_PUBLIC, [("Ben", 1, 2, "0.65"), ("Ada", 2, 1, "0.60")]),
        (FinalRule.BEST_PRIVATE, [("Ada", 1, 1, "0.80"), ("Ben", 2, 2, "0.65")]),
        (FinalRule.CHOSEN, [("Ada", 1, 1, "0.70"), ("Ben", 2, 2, "0.65")]),
    ],
)
def test_what_counts_in_the_end_is_what_the_rule_says(
    challenge: Challenge, event: Event, organizer: User, teams: list[Team],
    rule: FinalRule, expected: list[tuple[str, int, int, str]],
) -> None:  # fmt: skip
    ada, ben, _ = teams
    scored_on_both(challenge, ada, 0.9, 0.6)
    scored_on_both(challenge, ada, 0.5, 0.8)
    chosen = scored_on_both(challenge, ada, 0.7, 0.7)
    scored_on_both(challenge, ben, 0.8, 0.65)
    ending.change_rules(event, organizer, final=rule)
    if rule == FinalRule.CHOSEN:
        ending.choose(chosen, member_of(ada))
    rows = final_board(challenge).rows
    assert [(row.team.name, row.rank, row.public_rank, row.score_text) for row in rows] == expected
    assert rows[0].moved == (1 if rule == FinalRule.BEST_PUBLIC else 0)


def test_where_lower_is_better_the_lowest_counts(organizer: User, event: Event) -> None:
    challenge = make_challenge(
        event, task={"kind": "regression", "metric": "mae", "input": {"type": "table", "features": ["a"]}}
    )
    team = make_team(event, "Ada")
    scored_on_both(challenge, team, 3.0, 2.0)
    scored_on_both(challenge, team, 4.0, 1.0)
    ending.change_rules(event, organizer, final=FinalRule.BEST_PRIVATE)
    assert [row.score_text for row in final_board(challenge).rows] == ["1.00"]


def test_a_team_chooses_so_many_and_no_more(
    challenge: Challenge, event: Event, organizer: User, teams: list[Team]
) -> None:
    member = member_of(teams[0])
    first, second = (scored(challenge, teams[0], value) for value in (0.6, 0.7))
    with pytest.raises(Refusal, match="Nothing is to be chosen"):
        ending.choose(first, member)
    ending.change_rules(event, organizer, final=FinalRule.CHOSEN, choices=1)
    with pytest.raises(Refusal, match="not in this team"):
        ending.choose(first, member_of(teams[1]))
    with pytest.raises(Refusal, match="has no score"):
        ending.choose(rehearsed(challenge, teams[0]), member)
    with pytest.raises(Refusal, match="has no score"):
        ending.choose(hand_in(challenge, teams[0]), member)
    ending.choose(first, member)
    with pytest.raises(Refusal, match="has chosen 1 already"):
        ending.choose(second, member)
    ending.take_choice_back(first, member)
    ending.choose(second, member)
    assert list(Choice.objects.values_list("submission", flat=True)) == [second.pk]
    with time_machine.travel(event.ends_at + timedelta(seconds=1)), pytest.raises(Refusal, match="is over"):
        ending.take_choice_back(second, member)


def test_the_reveal_has_nothing_in_the_page_before_its_step(
    client: Client, challenge: Challenge, event: Event, organizer: User, teams: list[Team]
) -> None:
    for team, private in zip(teams, (0.5, 0.6, 0.7), strict=True):
        scored_on_both(challenge, team, 0.9, private)
    client.force_login(organizer)
    page = f"/events/{event.slug}/challenges/{challenge.slug}/reveal/"

    def named(step: object) -> list[str]:
        text = client.get(f"{page}?step={step}").content.decode()
        return [team.name for team in teams if f">{team.name}<" in text]

    assert [named(step) for step in range(4)] == [[], ["Ada"], ["Ada", "Ben"], ["Ada", "Ben", "Eve"]]
    assert named("x") == named("-1") == named("") == []
    assert named(99) == ["Ada", "Ben", "Eve"]
    assert [row.team.name for row in reveal(challenge, 2).shown] == ["Ben", "Ada"]


def test_nobody_but_organizers_sees_private_scores_until_they_are_published(
    challenge: Challenge, event: Event, organizer: User, teams: list[Team]
) -> None:
    scored_on_both(challenge, teams[0], 0.9, 0.4321)
    places = (
        f"/events/{event.slug}/challenges/{challenge.slug}/final/",
        f"/api/v1/events/{event.slug}/challenges/{challenge.slug}/final",
    )
    stage = f"/events/{event.slug}/challenges/{challenge.slug}/reveal/?step=1"
    viewers = [member_of(teams[0]), member_of(teams[1]), make_coach(event)]

    def answers(user: User, *pages: str) -> list[int]:
        browser = Client()
        browser.force_login(user)
        return [browser.get(page).status_code for page in pages]

    for user in viewers:
        assert answers(user, *places, stage) == [404, 404, 404]
    assert answers(organizer, *places, stage) == [200, 200, 200]
    ending.publish_final(event, organizer)
    for user in viewers:
        assert answers(user, *places, stage) == [200, 200, 404]
    with pytest.raises(Refusal, match="published already"):
        ending.publish_final(event, organizer)
    with pytest.raises(Refusal, match="Take them back first"):
        ending.unfreeze(event, organizer)
    ending.take_back_final(event, organizer)
    for user in viewers:
        assert answers(user, *places, stage) == [404, 404, 404]


def test_publishing_lets_a_frozen_board_move_again(
    challenge: Challenge, event: Event, organizer: User, teams: list[Team]
) -> None:
    ending.freeze(event, organizer)
    scored(challenge, teams[0], 0.8)
    assert seen(challenge, member_of(teams[1])) == []
    ending.publish_final(event, organizer)
    assert seen(challenge, member_of(teams[1])) == [("Ada", "0.80")]


def test_the_rules_page_keeps_to_the_venues_time_and_names_faults(
    client: Client, event: Event, organizer: User
) -> None:
    Event.objects.update(time_zone="Asia/Tokyo")
    client.force_login(organizer)
    address = f"/events/{event.slug}/board/rules/"
    rest = {"tie_order": "cheaper", "rank_bonus": 20, "growth_bonus": 10}
    bad = client.post(
        address, {"freezes_at": "2026-01-02T10:00", "final": "best_public", "choices": 99, **rest}
    )
    assert bad.status_code == 422
    assert b"less than or equal to 10" in bad.content
    client.post(address, {"freezes_at": "2026-01-02T10:00", "final": "chosen", "choices": 3, **rest})
    rules = event.board_rules
    assert (f"{rules.freezes_at:%H:%M}", rules.final, rules.choices) == ("01:00", "chosen", 3)
    assert (rules.tie_order, rules.rank_bonus, rules.growth_bonus) == ("cheaper", 20, 10)
    previewed = client.post(address, {"final": "chosen", "choices": 3, **rest, "preview": 1})
    assert b"20 for rank 1 of 10" in previewed.content
    assert not BoardRules.objects.filter(freezes_at=None).exists()
