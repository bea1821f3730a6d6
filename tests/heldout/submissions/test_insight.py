"""What a team can learn from its mistakes: kept as it came, and shown to those who may see the submission."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from heldout.catalog.models import Challenge
from heldout.submissions.models import Outcomes
from heldout.submissions.queries import insight_of, submission_row, submissions_of
from heldout.teams.models import Team
from tests.heldout.factories import make_coach, make_organizer, make_team
from tests.heldout.handing_in import insight, member_of, rehearsed, scored

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_team_and_its_coach_see_all_but_the_private_split(challenge: Challenge, team: Team) -> None:
    team.coach = make_coach(challenge.event)
    team.save()
    submission = scored(challenge, team, insight=insight())
    expected = insight(hidden={"public": insight().hidden["public"]})
    for viewer in (member_of(team), team.coach):
        assert insight_of(submission, viewer) == expected


def test_organizers_see_everything_and_rivals_nothing(challenge: Challenge, team: Team) -> None:
    submission = scored(challenge, team, insight=insight())
    assert insight_of(submission, make_organizer(challenge.event)) == insight()
    assert insight_of(submission, member_of(make_team(challenge.event))) is None


def test_there_is_none_where_the_engine_found_none(challenge: Challenge, team: Team) -> None:
    assert insight_of(scored(challenge, team), member_of(team)) is None


def test_a_rehearsal_has_one_too(challenge: Challenge, team: Team) -> None:
    found = insight(hidden={})
    assert insight_of(rehearsed(challenge, team, insight=found), member_of(team)) == found


def test_lists_do_not_read_it_from_the_database(challenge: Challenge, team: Team) -> None:
    submission = scored(challenge, team, insight=insight())
    with CaptureQueriesContext(connection) as captured:
        submissions_of(team, challenge)
        submission_row(submission)
    assert not any("insight_json" in query["sql"] for query in captured)


def test_the_value_of_each_example_is_kept(challenge: Challenge, team: Team) -> None:
    rehearsed(challenge, team)
    assert list(Outcomes.objects.values_list("split", "count", "values", "predicted")) == [
        ("validation", 50, "AAAA", "")
    ]
