"""The final board: nobody sees a private score before it is told, and its order follows the event's rule."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from heldout.audit.models import AuditEntry
from heldout.catalog.models import Challenge
from heldout.events.rules import Refusal
from heldout.leaderboards import actions, deciding
from heldout.leaderboards.models import BoardRules, FinalChoice
from heldout.leaderboards.places import final_places
from heldout.leaderboards.queries import board
from heldout.leaderboards.revealing import stage
from heldout.submissions.models import Submission
from heldout.teams.models import Team
from tests.heldout.factories import make_coach, make_organizer, make_participant, make_team
from tests.heldout.handing_in import (
    evaluation_for,
    inspected,
    make_challenge,
    member_of,
    put_to_work,
    split_score,
)
from tests.heldout.leaderboards.test_freezing import outlets, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def judged(challenge: Challenge, team: Team, public: float, private: float) -> Submission:
    """A submission with these scores."""
    made = inspected(challenge, team)
    put_to_work(made)
    scores = [split_score("public", public), split_score("private", private)]
    actions.record_evaluation(evaluation_for(made, scores=scores))
    return made


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge(quota_per_day=100)


@pytest.fixture
def teams(challenge: Challenge) -> list[Team]:
    """Leader of the public split falls from first to last on the private one."""
    teams = [make_team(challenge.event, name) for name in ("Overfit", "Steady", "Modest")]
    judged(challenge, teams[0], 0.95, 0.111)
    judged(challenge, teams[1], 0.85, 0.777)
    judged(challenge, teams[2], 0.75, 0.444)
    return teams


def close(challenge: Challenge) -> None:
    Challenge.objects.filter(pk=challenge.pk).update(closes_at=timezone.now() - timedelta(seconds=1))
    challenge.refresh_from_db()


def secrets_in(text: str) -> set[str]:
    return {secret for secret in ("0.11", "0.78", "0.44", "0.111", "0.777", "0.444") if secret in text}


def test_nobody_sees_a_private_score_before_it_is_public(challenge: Challenge, teams: list[Team]) -> None:
    close(challenge)
    organizer = make_organizer(challenge.event)
    deciding.go_to(challenge, 3, organizer)
    stage_page = reverse("reveal", args=[challenge.event.slug, challenge.slug])
    for who in (member_of(teams[0]), make_participant(challenge.event), make_coach(challenge.event)):
        client = signed_in(who)
        assert client.get(stage_page).status_code == 404
        for name, address in outlets(challenge).items():
            assert not secrets_in(client.get(address).content.decode()), name
    for name, address in outlets(challenge).items():
        assert not secrets_in(signed_in(organizer).get(address).content.decode()), name


def test_the_stage_holds_nothing_that_was_not_told(challenge: Challenge, teams: list[Team]) -> None:
    close(challenge)
    organizer = make_organizer(challenge.event)
    client = signed_in(organizer)
    address = reverse("reveal", args=[challenge.event.slug, challenge.slug])
    expected = [set(), {"Overfit"}, {"Overfit", "Modest"}, {"Overfit", "Modest", "Steady"}]
    for step, told in enumerate(expected):
        client.post(reverse("reveal_step", args=[challenge.event.slug, challenge.slug]), {"to": step})
        page = client.get(address).content.decode()
        assert {name for name in ("Overfit", "Steady", "Modest") if name in page} == told
    assert "↓ 2" in page and "↑ 1" in page
    client.post(reverse("reveal_step", args=[challenge.event.slug, challenge.slug]), {"to": 1})
    assert "Steady" not in client.get(address).content.decode()


def test_it_is_told_from_the_last_to_the_first(challenge: Challenge, teams: list[Team]) -> None:
    close(challenge)
    deciding.go_to(challenge, 2, make_organizer(challenge.event))
    shown = stage(challenge)
    assert [(told.row.name, told.row.rank, told.public_rank, told.moved) for told in shown.told] == [
        ("Modest", 2, 3, 1),
        ("Overfit", 3, 1, -2),
    ]
    assert [told.is_newest for told in shown.told] == [True, False]


def test_once_it_is_published_everybody_sees_it_and_it_can_be_taken_back(
    challenge: Challenge, teams: list[Team]
) -> None:
    close(challenge)
    organizer, viewer = make_organizer(challenge.event), make_participant(challenge.event)
    deciding.freeze(challenge.event, organizer)
    with pytest.raises(Refusal, match="3 are left"):
        deciding.publish_final(challenge, organizer)
    deciding.go_to(challenge, 3, organizer)
    deciding.publish_final(challenge, organizer)
    final = board(challenge, viewer)
    assert [(row.rank, row.name, row.score_text) for row in final.rows] == [
        (1, "Steady", "0.78"),
        (2, "Modest", "0.44"),
        (3, "Overfit", "0.11"),
    ]
    page = signed_in(viewer).get(outlets(challenge)["rows"]).content.decode()
    assert "final" in page and "private split" in page and "0.78" in page
    deciding.take_back_final(challenge, organizer)
    assert not secrets_in(signed_in(viewer).get(outlets(challenge)["rows"]).content.decode())
    assert {"final.published", "final.hidden"} <= set(AuditEntry.objects.values_list("action", flat=True))


def test_the_stage_waits_for_the_end(challenge: Challenge, teams: list[Team]) -> None:
    with pytest.raises(Refusal, match="still open"):
        deciding.go_to(challenge, 1, make_organizer(challenge.event))
    with pytest.raises(Refusal, match="Only organizers"):
        deciding.go_to(challenge, 1, member_of(teams[0]))


@pytest.mark.parametrize(
    ("final_by", "expected"), [("best_public", 0.2), ("best_private", 0.9), ("chosen", 0.5)]
)
def test_the_final_ranking_follows_the_rule(challenge: Challenge, final_by: str, expected: float) -> None:
    team = make_team(challenge.event)
    judged(challenge, team, 0.9, 0.2)
    judged(challenge, team, 0.5, 0.9)
    chosen = judged(challenge, team, 0.7, 0.5)
    rules = deciding.set_rules(challenge.event, make_organizer(challenge.event), final_by=final_by)
    if final_by == "chosen":
        deciding.choose(chosen, member_of(team))
    assert final_places(challenge, rules)[team.pk].run.score == expected


def test_a_team_that_chose_nothing_is_ranked_by_its_best_public(challenge: Challenge) -> None:
    team = make_team(challenge.event)
    judged(challenge, team, 0.9, 0.2)
    judged(challenge, team, 0.5, 0.9)
    assert final_places(challenge, BoardRules(final_by="chosen"))[team.pk].run.score == 0.2


def test_a_team_chooses_up_to_the_limit_until_the_end(challenge: Challenge) -> None:
    team, others = make_team(challenge.event), make_team(challenge.event)
    made = [judged(challenge, team, score, 0.5) for score in (0.5, 0.6, 0.7)]
    member = member_of(team)
    with pytest.raises(Refusal, match="Nothing is to be chosen"):
        deciding.choose(made[0], member)
    deciding.set_rules(challenge.event, make_organizer(challenge.event), final_by="chosen", chosen_limit=2)
    deciding.choose(made[0], member)
    deciding.choose(made[1], member)
    with pytest.raises(Refusal, match="2 already"):
        deciding.choose(made[2], member)
    with pytest.raises(Refusal, match="not in this team"):
        deciding.choose(made[2], member_of(others))
    deciding.take_back(made[0], member)
    deciding.choose(made[2], member)
    assert set(FinalChoice.objects.values_list("submission", flat=True)) == {made[1].pk, made[2].pk}
    close(challenge)
    closed: Any = Submission.objects.select_related("challenge__event").get(pk=made[1].pk)
    with pytest.raises(Refusal, match="closed"):
        deciding.take_back(closed, member)


def test_the_page_of_choices(challenge: Challenge) -> None:
    team = make_team(challenge.event)
    made = judged(challenge, team, 0.9, 0.432)
    client = signed_in(member_of(team))
    address = reverse("final_choices", args=[challenge.event.slug, challenge.slug])
    assert client.get(address).status_code == 404
    deciding.set_rules(challenge.event, make_organizer(challenge.event), final_by="chosen")
    choose = reverse("choose_final", args=[challenge.event.slug, made.pk])
    assert "is chosen" in client.post(choose, follow=True).content.decode()
    page = client.get(address).content.decode()
    assert "Take back" in page and "0.43" not in page
    outsider = signed_in(make_participant(challenge.event))
    assert outsider.post(choose).status_code == 404
