"""Two submissions side by side, as JSON."""

from typing import Any

import pytest
from django.test import Client

from heldout.submissions.models import Submission
from tests.heldout.factories import make_team
from tests.heldout.handing_in import PRIVATE, insight, make_challenge, member_of, scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> tuple[Submission, Submission]:
    challenge = make_challenge()
    team = make_team(challenge.event)
    return scored(challenge, team, 0.95, insight=insight()), scored(challenge, team, 0.6, insight=insight())


def asked(first: Submission, second: Submission) -> Any:
    client = Client()
    client.force_login(member_of(first.team))
    event = first.challenge.event.slug
    return client.get(f"/api/v1/events/{event}/submissions/{first.pk}/compare/{second.pk}")


def test_scores_classes_and_costs_of_both_are_there(pair: tuple[Submission, Submission]) -> None:
    found = asked(*pair).json()
    assert (found["first"], found["second"]) == (str(pair[0].pk), str(pair[1].pk))
    public = next(score for score in found["scores"] if score["split"] == "public")
    assert (public["first"], public["second"], public["better"]) == (0.95, 0.6, "first")
    assert found["class_metric"] == "f1"
    assert [each["name"] for each in found["classes"]] == ["hat", "boot"]
    assert found["costs"][0] == {"name": "macs", "first": 640, "second": 640}


def test_nothing_of_the_private_split_is_there(pair: tuple[Submission, Submission]) -> None:
    body = asked(*pair).content.decode()
    assert "private" not in body
    assert str(PRIVATE) not in body


def test_one_submission_twice_is_a_conflict_that_says_so(pair: tuple[Submission, Submission]) -> None:
    answer = asked(pair[0], pair[0])
    assert answer.status_code == 409
    assert "one submission" in answer.content.decode()
