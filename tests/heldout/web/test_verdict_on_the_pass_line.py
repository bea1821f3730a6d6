"""Whether a score passes is decided by the score, not by the digits that are shown of it."""

import pytest
from django.test import Client
from django.urls import reverse

from heldout.leaderboards.queries import board
from tests.heldout.factories import make_event, make_team
from tests.heldout.handing_in import make_baseline, make_challenge, member_of, scored
from tests.heldout.pages import words


@pytest.mark.parametrize(
    ("metric", "value", "pass_score", "passes"),
    [
        ("accuracy", 0.7985, 0.8, False),
        ("accuracy", 0.8042, 0.803, True),
        ("log_loss", 0.3042, 0.3, False),
        ("log_loss", 0.2985, 0.299, True),
    ],
)
@pytest.mark.django_db
def test_page_and_board_agree_on_who_passes(
    metric: str, value: float, pass_score: float, passes: bool
) -> None:
    challenge = make_challenge(make_event(), metric=metric, pass_score=pass_score)
    team = make_team(challenge.event)
    submission = scored(challenge, team, value)
    client = Client()
    client.force_login(member_of(team))
    page = words(client.get(reverse("submission", args=[challenge.event.slug, submission.pk])))
    assert board(challenge, member_of(team)).rows[0].passed is passes
    assert ("misses the pass line" not in page) is passes
    brief = words(client.get(reverse("challenge", args=[challenge.event.slug, challenge.slug])))
    assert ("Passed." in brief) is passes


@pytest.mark.django_db
def test_lower_log_loss_stands_above_a_baseline_that_shows_the_same_digits() -> None:
    challenge = make_challenge(make_event(), metric="log_loss", pass_score=0.3)
    make_baseline(challenge, 0.2961)
    team = make_team(challenge.event)
    submission = scored(challenge, team, 0.3021)
    client = Client()
    client.force_login(member_of(team))
    page = words(client.get(reverse("submission", args=[challenge.event.slug, submission.pk])))
    assert page.index("Logistic regression") < page.index("Submission 1 0.30")
