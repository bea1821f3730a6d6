"""Tries are a team's, but nobody gets more of them by changing teams; closing counts at once."""

import pytest
from django.utils import timezone

from heldout.accounts.models import User
from heldout.catalog.models import Challenge
from heldout.events.rules import Refusal
from heldout.submissions import actions
from heldout.teams.actions import create_team, leave_team
from heldout.teams.models import Team
from tests.heldout.factories import make_event, make_team
from tests.heldout.handing_in import hand_in, make_challenge, make_file, member_of, scored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge(make_event(), quota_per_day=2)


def use_up(challenge: Challenge, team: Team, author: User) -> None:
    for value in (0.8, 0.9):
        scored(challenge, team, value, author=author)


def test_leaving_for_a_new_team_brings_no_new_tries(challenge: Challenge) -> None:
    team = make_team(challenge.event)
    hopper = member_of(team)
    use_up(challenge, team, hopper)
    leave_team(team, hopper)
    fresh = create_team(challenge.event, hopper, "Fresh start")
    with pytest.raises(Refusal, match="some for another team"):
        hand_in(challenge, fresh, author=hopper)


def test_team_mates_of_somebody_who_changed_teams_keep_their_tries(challenge: Challenge) -> None:
    first, second = make_team(challenge.event), make_team(challenge.event)
    hopper, mate = member_of(first), member_of(second)
    use_up(challenge, first, hopper)
    first.memberships.update(team=second)
    assert hand_in(challenge, second, author=mate).number == 1


def test_what_cost_no_try_does_not_count_for_people_either(challenge: Challenge) -> None:
    team = make_team(challenge.event)
    author = member_of(team)
    for _ in range(3):
        actions.cancel(hand_in(challenge, team), author)
    leave_team(team, author)
    assert hand_in(challenge, create_team(challenge.event, author, "Fresh"), author=author).number == 1


def test_a_challenge_that_closes_while_a_file_is_sent_does_not_take_it(challenge: Challenge) -> None:
    team = make_team(challenge.event)
    seen = Challenge.objects.get(pk=challenge.pk)
    Challenge.objects.filter(pk=challenge.pk).update(closes_at=timezone.now())
    with pytest.raises(Refusal, match="has closed"):
        actions.submit(challenge=seen, team=team, author=member_of(team), upload=make_file())
