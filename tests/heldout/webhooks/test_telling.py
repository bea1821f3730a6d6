"""What addresses are told of scores, and what never."""

import json

import pytest
from django.db import transaction

from heldout.catalog.models import Challenge
from heldout.leaderboards import actions as leaderboards
from heldout.leaderboards import ending
from heldout.submissions.models import Submission
from heldout.teams.models import Team
from heldout.webhooks import actions
from heldout.webhooks.models import Delivery, Topic
from tests.heldout.factories import make_organizer, make_team
from tests.heldout.handing_in import evaluation_for, inspected, put_to_work, rehearsed, scored, split_score
from tests.heldout.webhooks.hooks import of_event, of_team, told

pytestmark = pytest.mark.django_db


def test_a_scored_submission_is_told_to_the_organizers_and_to_its_team_alone(
    challenge: Challenge, team: Team
) -> None:
    ours, theirs = of_team(team), of_team(make_team(challenge.event))
    crew = of_event(challenge.event)
    submission = scored(challenge, team, 0.8)
    assert told(theirs) == []
    for hook in (ours, crew):
        (message,) = told(hook)
        assert message["type"] == "submission.scored"
        assert message["data"]["submission"] == str(submission.pk)
        assert message["data"]["team"] == {"id": team.pk, "name": "Cairn"}
        assert message["data"]["scores"]["public"] == {"value": 0.8, "low": 0.78, "high": 0.82}


def test_a_private_score_is_never_told_even_to_organizers(challenge: Challenge, team: Team) -> None:
    hooks = of_event(challenge.event), of_team(team)
    submission = inspected(challenge, team)
    put_to_work(submission)
    scores = [split_score("public", 0.8), split_score("private", 0.123456)]
    leaderboards.record_evaluation(evaluation_for(submission, 0.8, scores=scores))
    for hook in hooks:
        assert set(told(hook)[0]["data"]["scores"]) == {"public"}
        assert "0.12" not in json.dumps(told(hook))


def test_a_rehearsal_is_told_to_its_team_alone(challenge: Challenge, team: Team) -> None:
    ours, crew = of_team(team), of_event(challenge.event)
    rehearsed(challenge, team, 0.7)
    (message,) = told(ours)
    assert message["data"]["rehearsal"] is True
    assert set(message["data"]["scores"]) == {"validation"}
    assert told(crew) == []


def test_while_boards_stand_still_only_the_team_hears_its_score(challenge: Challenge, team: Team) -> None:
    ours, crew = of_team(team), of_event(challenge.event)
    ending.freeze(challenge.event, make_organizer(challenge.event))
    scored(challenge, team, 0.8)
    assert told(ours)[0]["data"]["scores"]["public"]["value"] == 0.8
    assert "scores" not in told(crew)[0]["data"]
    assert "0.8" not in json.dumps(told(crew)[0]["data"])


def test_it_is_written_down_together_with_the_score_or_not_at_all(challenge: Challenge, team: Team) -> None:
    of_team(team)
    submission = inspected(challenge, team)
    put_to_work(submission)
    with transaction.atomic():
        leaderboards.record_evaluation(evaluation_for(submission))
        assert Delivery.objects.count() == 1
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()
    assert Submission.objects.get(pk=submission.pk).state != "scored"


def test_an_evaluation_that_comes_twice_is_told_once(challenge: Challenge, team: Team) -> None:
    ours = of_team(team)
    submission = inspected(challenge, team)
    put_to_work(submission)
    evaluation = evaluation_for(submission)
    for _ in range(2):
        leaderboards.record_evaluation(evaluation)
    assert len(told(ours)) == 1


def test_who_asked_for_something_else_or_paused_hears_nothing(challenge: Challenge, team: Team) -> None:
    ranks = of_event(challenge.event, "https://a.example.org/", Topic.RANK)
    paused = of_event(challenge.event)
    actions.pause(paused, make_organizer(challenge.event))
    scored(challenge, team)
    assert told(ranks) == told(paused) == []
