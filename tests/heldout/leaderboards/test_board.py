"""The board as pages and the API get it."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from heldout.accounts.models import User
from heldout.catalog.models import Challenge
from heldout.events.rules import Viewer
from heldout.leaderboards.queries import board
from heldout.submissions.queries import submissions_of
from heldout.teams.models import Team
from tests.heldout.factories import make_organizer, make_team
from tests.heldout.handing_in import make_baseline, make_challenge, member_of, scored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge(quota_per_day=100)


def queries_of(act: object) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()  # type: ignore[operator]
    return len(captured)


def test_teams_and_baselines_stand_best_first(challenge: Challenge) -> None:
    strong, weak = make_team(challenge.event, "Strong"), make_team(challenge.event, "Weak")
    scored(challenge, weak, 0.6)
    scored(challenge, strong, 0.9)
    make_baseline(challenge, 0.7)
    view = board(challenge, member_of(weak))
    assert [(row.rank, row.name, row.is_mine) for row in view.rows] == [
        (1, "Strong", False),
        (None, "Logistic regression", False),
        (2, "Weak", True),
    ]
    assert [row.passed for row in view.rows] == [True, False, False]
    assert (view.teams, view.metric_label, view.pass_score) == (2, "Accuracy", 0.8)


def test_numbers_are_rounded_to_what_the_interval_supports(challenge: Challenge) -> None:
    scored(challenge, make_team(challenge.event), 0.87654)
    [row] = board(challenge, AnonymousUser()).rows
    assert (row.score, row.low, row.high, row.score_text) == (0.88, 0.86, 0.9, "0.88")


def test_costs_stand_beside_the_score(challenge: Challenge) -> None:
    scored(challenge, make_team(challenge.event))
    [row] = board(challenge, AnonymousUser()).rows
    assert (row.macs, row.milliseconds, row.submissions) == (640, 0.5, 1)


def test_an_empty_board_still_has_an_axis_around_the_pass_score(challenge: Challenge) -> None:
    view = board(challenge, AnonymousUser())
    assert view.axis[0] < 0.8 < view.axis[1]
    assert (view.rows, view.updated_at) == ([], None)


def test_a_board_takes_as_many_queries_for_many_teams_as_for_one(challenge: Challenge) -> None:
    def fill(teams: int, each: int) -> Team:
        made = [make_team(challenge.event) for _ in range(teams)]
        for team in made:
            for number in range(each):
                scored(challenge, team, 0.5 + number / 100)
        return made[0]

    def count(viewer: Viewer) -> int:
        fresh = Challenge.objects.select_related("event", "bundle").get(pk=challenge.pk)
        return queries_of(lambda: board(fresh, viewer))

    viewer: User = member_of(fill(1, 1))
    few = count(viewer)
    fill(5, 3)
    assert count(viewer) == few
    assert few <= 8


def test_a_teams_list_takes_as_many_queries_for_many_submissions_as_for_one(challenge: Challenge) -> None:
    team = make_team(challenge.event)
    scored(challenge, team)
    few = queries_of(lambda: submissions_of(team, challenge))
    for _ in range(5):
        scored(challenge, team)
    assert queries_of(lambda: submissions_of(team, challenge)) == few
    assert few <= 8


def test_the_team_sees_public_and_validation_scores_alone(challenge: Challenge) -> None:
    team = make_team(challenge.event)
    scored(challenge, team, 0.9)
    [row] = submissions_of(team, challenge)
    assert (row.score, row.validation, row.is_best) == (0.9, 0.91, True)
    assert "0.43" not in repr(row)


def test_organizers_see_the_same_board(challenge: Challenge) -> None:
    scored(challenge, make_team(challenge.event))
    assert board(challenge, make_organizer(challenge.event)).rows == board(challenge, AnonymousUser()).rows
