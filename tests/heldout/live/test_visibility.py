"""Role by object: what a page's query, the API and the live channel let somebody know of a team's work."""

from collections.abc import Callable

import pytest
from django.test import Client

from heldout.accounts.models import User
from heldout.catalog.models import Challenge
from heldout.live.queries import listener_for
from heldout.live.rules import Notice, may_hear
from heldout.submissions.models import Submission
from heldout.submissions.queries import scores_for, submission_or_none
from heldout.submissions.rules import splits_for
from heldout.teams.models import Team
from tests.heldout.factories import (
    make_coach,
    make_event,
    make_organizer,
    make_participant,
    make_superuser,
    make_team,
    make_user,
)
from tests.heldout.handing_in import make_challenge, member_of, scored

pytestmark = pytest.mark.django_db(transaction=True)

TEAMS_OWN = {"public", "validation"}
ALL = {"public", "validation", "private"}
NOTHING: set[str] = set()


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge()


@pytest.fixture
def team(challenge: Challenge) -> Team:
    return make_team(challenge.event, coach=make_coach(challenge.event))


@pytest.fixture
def submission(challenge: Challenge, team: Team) -> Submission:
    return scored(challenge, team)


def the_coach(team: Team) -> User:
    assert team.coach
    return team.coach


VIEWERS: dict[str, tuple[Callable[[Team], User], set[str]]] = {
    "a member": (member_of, TEAMS_OWN),
    "its coach": (the_coach, TEAMS_OWN),
    "an organizer": (lambda team: make_organizer(team.event), ALL),
    "an operator": (lambda team: make_superuser(), ALL),
    "a rival": (lambda team: member_of(make_team(team.event)), NOTHING),
    "another coach": (lambda team: make_coach(team.event), NOTHING),
    "a participant without a team": (lambda team: make_participant(team.event), NOTHING),
    "an organizer of another event": (lambda team: make_organizer(make_event()), NOTHING),
    "a stranger": (lambda team: make_user(), NOTHING),
}


@pytest.mark.parametrize("who", VIEWERS)
def test_every_outlet_says_the_same(who: str, team: Team, submission: Submission) -> None:
    find, splits = VIEWERS[who]
    viewer = find(team)
    assert splits_by_query(viewer, submission) == splits
    assert splits_by_api(viewer, submission) == splits
    assert hears(viewer, submission) == bool(splits)


def splits_by_query(viewer: User, submission: Submission) -> set[str]:
    event = submission.challenge.event
    found = submission_or_none(event, submission.pk, viewer)
    return set(scores_for(found, splits_for(viewer, event))) if found else NOTHING


def splits_by_api(viewer: User, submission: Submission) -> set[str]:
    client = Client()
    client.force_login(viewer)
    event = submission.challenge.event
    response = client.get(f"/api/v1/events/{event.slug}/submissions/{submission.pk}")
    if response.status_code == 404:
        assert str(submission.file_name) not in response.content.decode()
        return NOTHING
    return set(response.json()["scores"])


def hears(viewer: User, submission: Submission) -> bool:
    event = submission.challenge.event
    notice = Notice("submission", event.pk, submission.team_id, {"submission": str(submission.pk)})
    return may_hear(listener_for(viewer, event), notice)


def test_a_submission_is_not_found_below_another_event(submission: Submission, team: Team) -> None:
    other = make_event()
    assert submission_or_none(other, submission.pk, make_superuser()) is None
